"""What must stay private: headers and values that say who somebody is, or what happened to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from safeaudit.audits.cells import Cells

_HEADERS = {
    "a name": r"name|nombre|nom|enumerator|submitted_by|username|signature|contact",
    "a telephone number": r"phone\w*|tel|mobile|cell|whatsapp|telefono|teléfono",
    "an e-mail address": r"e_?mail|correo",
    "a device": r"device_?id|imei|subscriber_?id|sim_?serial|sim",
    "an address": r"address|house_?number|direccion|dirección",
    "an incident report": r"incident|harass\w*|assault\w*|violence|rape\w*|abuse\w*|stalk\w*|threat\w*|crime|acoso",
    "free text": r"comments?|notes?|remarks?|observaci\w*|description|story|testimony",
    "a photo or recording": r"photo\w*|picture|image|audio|video|foto\w*",
}
_EMAIL = re.compile(r"[^\s@]@[^\s@]+\.\w\w")
"""One letter before the sign tells as much as all, and an inline image of a megabyte is gone through once."""
_PHONE = re.compile(r"[+(]?\d[\d\s()-]{7,18}\d")
_PHONE_DIGITS = range(9, 16)
_BARE_DIGITS = range(9, 13)
"""A number without a plus or a gap is one of a telephone if it has as many digits."""
_MANY = 0.2
"""Share of a column's cells that look like a telephone number; one alone may be anything."""
_SAMPLE = 200
TEXT_FIELDS = ("walk_id", "campaign", "auditor_role", "place_code")
"""Fields whose text is kept as it stands; those of `note` and of people are private, or pseudonyms."""


def private_kind(column: str) -> str:
    """Return what a header looks like that must stay private, empty where it does not."""
    plain = re.sub(r"[\W_]+", "_", column.casefold()).strip("_")
    return next((kind for kind, known in _HEADERS.items() if re.search(rf"(^|_)({known})(_|$)", plain)), "")


def held_kind(cells: NDArray[np.object_]) -> str:
    """Return what the first values of a column say of people, empty where they do not."""
    filled = [cell.strip() for cell in cells[:_SAMPLE] if cell.strip()]
    if any(_EMAIL.search(cell) for cell in filled):
        return "e-mail addresses"
    phones = sum(map(_is_phone, filled))
    return "telephone numbers" if phones and phones >= _MANY * len(filled) else ""


def identifying(columns: Mapping[str, str], sample: Cells) -> dict[str, str]:
    """Return the fields whose column holds direct identifiers, each with their kind.

    Parameters
    ----------
    columns
        Header of each field, as it was guessed.
    sample
        Some rows.
    """
    texts = {field: column for field, column in columns.items() if field in TEXT_FIELDS and column in sample.header}
    held = {field: held_kind(sample.columns[sample.header.index(column)]) for field, column in texts.items()}
    return {field: kind for field, kind in held.items() if kind}


def private_remarks(cells: Cells, columns: Mapping[str, int]) -> list[str]:
    """Say which columns are private by their header or by what they hold, and whether they are loaded.

    Parameters
    ----------
    cells
        The first rows.
    columns
        Number of the column of each field that is loaded.
    """
    text = {at for field, at in columns.items() if field in TEXT_FIELDS}
    unloaded = {at for at, name in enumerate(cells.header) if name} - set(columns.values())
    held = {at: held_kind(cells.columns[at]) for at in sorted(text | unloaded)}
    private = {at: private_kind(cells.header[at]) or held[at] for at in sorted(unloaded)}
    named = {at: held[at] for at in sorted(text)}
    return [
        *_listed("These columns are private and not loaded: {}.", cells, private),
        *_listed("These columns are named under columns, so they are loaded: {}. Think twice.", cells, named),
    ]


def _listed(sentence: str, cells: Cells, kinds: Mapping[int, str]) -> list[str]:
    listed = [f'"{cells.header[at]}" ({kind})' for at, kind in kinds.items() if kind]
    return [sentence.format(", ".join(listed))] if listed else []


def _is_phone(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    if not _PHONE.fullmatch(text) or len(digits) not in _PHONE_DIGITS:
        return False
    return not text.isdigit() or len(digits) in _BARE_DIGITS
