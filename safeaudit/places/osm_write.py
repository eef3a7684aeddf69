"""OpenStreetMap objects -> an extract to keep (.osm.pbf)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import osmium

from safeaudit.config import PlacesSettings
from safeaudit.files.admit import admit
from safeaudit.files.staged import staged
from safeaudit.places.osm import read_streets

if TYPE_CHECKING:
    from pathlib import Path


def write_extract(opl: bytes, target: Path, dated: str) -> None:
    """Write an extract, whole or not at all; it takes its name once its streets read back.

    Parameters
    ----------
    opl
        Its objects, as `osmjson.as_opl` gives them.
    target
        Where it shall be, ending in .osm.pbf.
    dated
        Day of the data, empty where it is not known.

    Raises
    ------
    OutputError
        It could not be written; an earlier extract is as it was.
    """
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", f"{dated}T00:00:00Z" if dated else "")
    with staged(target, verify=_check) as temporary:
        file = osmium.io.File(str(temporary), "pbf")
        with osmium.SimpleWriter(file, header=header, overwrite=True) as writer:
            for entity in osmium.FileProcessor(osmium.io.FileBuffer(opl, "opl")):
                writer.add(entity)


def _check(path: Path) -> None:
    read_streets(admit(path), PlacesSettings())
