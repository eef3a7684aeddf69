"""The constants that pages are made of: no data passes through here."""

from importlib.resources import files


def read(name: str) -> bytes:
    """Return a constant by its path below this folder, such as "leaflet/leaflet.js".

    Lines end as browsers see them, so that a hash is the same whatever the checkout did to them.
    """
    return files(__name__).joinpath(*name.split("/")).read_bytes().replace(b"\r\n", b"\n")
