"""The constants that pages are made of: no data passes through here."""

from importlib.resources import files


def read(name: str) -> bytes:
    """Return a constant by its path below this folder, such as "leaflet/leaflet.js"."""
    return files(__name__).joinpath(*name.split("/")).read_bytes()
