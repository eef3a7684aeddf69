"""Words on the command line -> one library call -> words on the screen."""

from __future__ import annotations

import click

from safeaudit.cli.actions import actions
from safeaudit.cli.check import check
from safeaudit.cli.compare import compare
from safeaudit.cli.fetch import fetch
from safeaudit.cli.forget import forget
from safeaudit.cli.form import form, translate
from safeaudit.cli.info import info
from safeaudit.cli.init import init
from safeaudit.cli.run import publish, run
from safeaudit.cli.weights import weights


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="safeaudit")
def main() -> None:
    """Where people find public space unsafe, what is wrong there, and who can mend it."""


for _command in (init, check, run, compare, actions, publish, forget, form, translate, fetch, info, weights):
    main.add_command(_command)
