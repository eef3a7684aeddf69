"""Flags of a submission: what people should know of a row that is used all the same, as bits and in words."""

from __future__ import annotations

DATE_ONLY, LOW_PRECISION, POSSIBLE_DUPLICATE, UUID_CONFLICT = 1, 2, 4, 8
ON_HOLD, LIGHT_DIFFERS, FAULT_UNKNOWN, BY_STREET = 16, 32, 64, 128

MEANINGS = {
    DATE_ONLY: ("DATE_ONLY", "say the day and not the hour: the sun cannot tell whether it was dark"),
    LOW_PRECISION: ("LOW_PRECISION", "have a fix worse than 100 m"),
    POSSIBLE_DUPLICATE: ("POSSIBLE_DUPLICATE", "are alike and have no id: they may be duplicates"),
    UUID_CONFLICT: ("UUID_CONFLICT", "share an id with another row of other content: all are kept, as versions"),
    ON_HOLD: ("ON_HOLD", "are on hold or have issues, as the office says; they are used"),
    LIGHT_DIFFERS: ("LIGHT_DIFFERS", "say day where the sun says dark, or the other way; the sun counts"),
    FAULT_UNKNOWN: ("FAULT_UNKNOWN", "name something to be mended that is not known"),
    BY_STREET: ("BY_STREET", "have no position and no code, and were placed by their street and walk"),
}
"""Name of each flag, and what the rows that carry it do."""
FLAG_WORDS = tuple(" ".join(name for bit, (name, _) in MEANINGS.items() if bits & bit) for bits in range(256))
"""The flags of a submission in words, by its bits."""
