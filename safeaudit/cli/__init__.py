"""Words on the command line -> one library call -> words on the screen."""

from __future__ import annotations

import click

from safeaudit.cli.fetch import fetch
from safeaudit.cli.form import form, translate
from safeaudit.cli.info import info
from safeaudit.cli.init import init
from safeaudit.cli.run import check, run


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="safeaudit")
def main() -> None:
    """Where people find public space unsafe, what is wrong there, and who can mend it."""


for _command in (init, run, check, form, translate, fetch, info):
    main.add_command(_command)
