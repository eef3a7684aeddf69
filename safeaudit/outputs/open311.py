"""office/open311/: what is to be mended as service requests of Open311 GeoReport v2, in JSON and XML; never sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from safeaudit.files.staged import write_whole

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from safeaudit.languages import Language
    from safeaudit.tables.public import ToMend

_DECIMALS = 6
_OTHER = "other"
_TEXTS = ("since", "agency", "due", "status")


def write(to_mend: ToMend, language: Language, day: date, folder: Path) -> None:
    """Write a request for each action whose place is on the map, as requests.json and requests.xml.

    A request names the place by its middle, label and code; its day is the day of this export, never of a walk. No
    note, form or person is in it.

    Parameters
    ----------
    to_mend
        What agencies are handed, as `publish.to_agencies` lets it through.
    language
        The city's language.
    day
        The day of the export.
    folder
        Where both files shall be.

    Raises
    ------
    OutputError
        One could not be written.
    """
    requests = _requests(to_mend, language, day)
    text = json.dumps(requests, ensure_ascii=False, indent=2)
    write_whole(folder / "requests.json", f"{text}\n".encode(errors="backslashreplace"))
    root = ET.Element("service_requests")
    for request in requests:
        one = ET.SubElement(root, "request")
        for name, value in request.items():
            ET.SubElement(one, name).text = _plain(str(value))
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    write_whole(folder / "requests.xml", content + b"\n")


def _requests(to_mend: ToMend, language: Language, day: date) -> list[dict[str, object]]:
    here = to_mend.actions[~to_mend.actions["gone"]].astype(dict.fromkeys(_TEXTS, object))
    here = here.assign(**{name: here[name].where(here[name].notna(), "") for name in _TEXTS})
    return [_request(row, language, day) for row in here.to_dict("records")]


def _request(row: dict[str, object], language: Language, day: date) -> dict[str, object]:
    """Return one request; what is not known is left out."""
    kind = str(row["issue"])
    words = language.get(f"fault.{kind}")
    told = language["mend.request"].replace("{since}", str(row["since"])).replace("{reports}", str(row["reports"]))
    request = {
        "service_request_id": row["action_id"],
        "service_code": kind if words else _OTHER,
        "service_name": words or kind,
        "description": f"{words or kind}. {told}" if row["since"] else f"{words or kind}.",
        "status": "closed" if row["status"] == "mended" else "open",
        "agency_responsible": row["agency"],
        "requested_datetime": f"{day.isoformat()}T00:00:00Z",
        "expected_datetime": f"{row['due']}T00:00:00Z" if row["due"] else "",
        "address": f"{row['label']} ({row['place_code']})",
        "address_id": row["place_code"],
        "lat": round(float(str(row["lat"])), _DECIMALS),
        "long": round(float(str(row["lon"])), _DECIMALS),
    }
    return {name: value for name, value in request.items() if value != ""}


def _plain(text: str) -> str:
    """Return text without the signs that XML cannot hold."""
    return "".join(sign for sign in text if sign.isprintable() or sign.isspace())
