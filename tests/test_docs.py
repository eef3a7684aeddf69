"""What exists is documented, and what is documented exists."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import fields, is_dataclass
from typing import get_args, get_type_hints

import pytest
from conftest import ROOT

import safeaudit
from safeaudit.cli import main
from safeaudit.config import AuditConfig
from safeaudit.tables import TABLES
from safeaudit.tables.kinds import MEANINGS

DOCS = ROOT / "docs"


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_and_flag_is_documented(command: str) -> None:
    section = text("commands.md").partition(f"## safeaudit {command}")[2].partition("\n## ")[0]
    assert section, f"docs/commands.md has no section on {command}"
    common = {"--json", "--quiet", "--debug"}
    flags = {flag for parameter in main.commands[command].params for flag in parameter.opts if flag.startswith("--")}
    assert [flag for flag in sorted(flags - common) if flag not in section] == []
    assert main.commands[command].help


def test_no_command_is_documented_that_does_not_exist() -> None:
    assert set(re.findall(r"^## safeaudit (\w+)", text("commands.md"), re.MULTILINE)) == set(main.commands)


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_table_and_column_is_documented_as_the_schema_declares_it(table: str) -> None:
    section = text("tables.md").partition(f"\n## {table}\n")[2].partition("\n## ")[0]
    declared = [(f"`{c.name}{'?' if c.optional else ''}`", c.kind, c.meaning) for c in TABLES[table].columns]
    assert re.findall(r"^\| (`.*?`) \| (\w+) \| (.*) \|$", section, re.MULTILINE) == declared


def test_every_kind_of_column_is_documented() -> None:
    known = text("tables.md").partition("\n## ")[0]
    assert [kind for kind, meaning in MEANINGS.items() if f"| {kind} | {meaning} |" not in known] == []


def settings_keys(kind: type, prefix: str = "") -> list[str]:
    keys = []
    for field in fields(kind):
        hint = get_type_hints(kind)[field.name]
        inner = [arg for arg in (hint, *get_args(hint)) if isinstance(arg, type) and is_dataclass(arg)]
        path = f"{prefix}{field.name}"
        keys += settings_keys(inner[0], f"{path}.") if inner else [path]
    return keys


def test_every_setting_is_documented() -> None:
    # What `forget` wrote stands beside the settings and is none.
    keys = [key for key in settings_keys(AuditConfig) if not key.startswith("forgotten.")]
    known = [key for key in keys if key not in {"folder", "key"}]
    missing = [key for key in known if f"`{key.rpartition('.')[2]}`" not in text("settings.md")]
    assert missing == []


def test_public_names_are_those_of_the_package() -> None:
    assert all(getattr(safeaudit, name) is not None for name in safeaudit.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = safeaudit.nothing


def test_public_names_are_listed_before_they_are_loaded() -> None:
    code = "import sys, safeaudit; print(set(safeaudit.__all__) - set(dir(safeaudit)), 'pandas' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set() False"


def test_help_needs_nothing_heavy() -> None:
    code = "import sys, safeaudit.cli; print([m for m in ('pandas', 'numpy', 'shapely', 'osmium') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_links_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *DOCS.glob("*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("sample_cities/*/*.md")]
    broken = [
        f"{page.name}: {link}"
        for page in pages
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert broken == []


def test_every_reason_for_rejecting_a_row_is_explained() -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "safeaudit" / "audits").rglob("*.py")))
    codes = set(re.findall(r"""(?:Problem\(|return |line, )\s*"([A-Z]{3,}(?:_[A-Z]+)*)",""", source)) | {
        "NOT_A_POINT",
        "COUNT",
    }
    codes |= set(re.findall(r"""\(?code, sentence\)? = "([A-Z_]+)",""", source))
    explained = set(re.findall(r"`([A-Z][A-Z_]{2,})`", text("refusals.md")))
    assert len(codes) > 25
    assert codes - explained == set()
