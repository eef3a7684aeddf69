"""The tables that stages exchange, and what a run returns."""

from safeaudit.tables.results import AuditResult, Audits, FileCount, Places
from safeaudit.tables.schema import (
    ORIGIN_FILE,
    ORIGIN_LINE,
    ORIGIN_PROBLEM,
    SCHEMA_VERSION,
    TABLES,
    WIDE_COLUMNS,
    WIDE_SUFFIXES,
    Column,
    Measure,
    Table,
    empty_table,
    join_tables,
    validate_table,
)

__all__ = [
    "ORIGIN_FILE",
    "ORIGIN_LINE",
    "ORIGIN_PROBLEM",
    "SCHEMA_VERSION",
    "TABLES",
    "WIDE_COLUMNS",
    "WIDE_SUFFIXES",
    "AuditResult",
    "Audits",
    "Column",
    "FileCount",
    "Measure",
    "Places",
    "Table",
    "empty_table",
    "join_tables",
    "validate_table",
]
