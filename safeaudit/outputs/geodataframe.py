"""Every place of a result in one GeoDataFrame: for a map in a notebook, for QGIS, for whatever takes one."""

from __future__ import annotations

import pandas as pd
from geopandas import GeoDataFrame

from safeaudit.outputs.parts.wide import headline, with_values
from safeaudit.tables import AuditResult  # noqa: TC001 - `typing.get_type_hints` reads it

_KINDS = {"segments": "segment", "spaces": "space", "stops": "stop"}
_SHORT = {"score_low": "low", "score_high": "high"}
_FIRST = ["state", "light", "score", "low", "high", "n"]
_TEXTS = {"place_id", "label", "code", "kind", "category", "state", "light", "latest", "level_0"}


def to_geodataframe(result: AuditResult) -> GeoDataFrame:
    """Return every place with what was seen of it, one row each, as `.explore()`, lonboard and QGIS take it.

    Parameters
    ----------
    result
        As from `run`.

    Returns
    -------
    One row per segment, space and stop, audited or not, in the run's CRS (metres): place_id, label (its name where it
    has no label; NA where it has neither), code (the place code on paper), kind (segment, space or stop), category
    (highway or category), state, light (the one it is shown in: dark before day), score, low and high (0 to 100), n
    (ratings behind it), contributors, latest (quarter), level_0 (indicators that level 0 was seen of), and for
    street_condition and each indicator its value, `_low`, `_high` and `_n`. Texts and `float64` alone; what was not
    seen is NA. It holds no submission, but values of few people: it is for the office, not for the public.

    Examples
    --------
    >>> import safeaudit
    >>> result = safeaudit.run(safeaudit.load_config("kibera"))
    >>> places = safeaudit.to_geodataframe(result)
    >>> places.crs.name
    'WGS 84 / UTM zone 37S'
    >>> places[["label", "kind", "state", "light", "lighting_n"]].sort_values("label", ignore_index=True)
                                                   label     kind state light  lighting_n
    0         Karanja Road, from Kibera Drive to its end  segment   few  dark         2.0
    1  Kibera Drive, between Olympic Lane and Karanja...  segment   few  dark         2.0
    2         Olympic Lane, from Kibera Drive to its end  segment   few  dark         1.0
    """
    head = headline(result)
    every = pd.concat([_of_kind(result, table, head) for table in _KINDS], ignore_index=True)
    shapes = [shape for table in _KINDS for shape in getattr(result.places, table).geometry]
    return GeoDataFrame(every, geometry=shapes, crs=result.places.crs)


def _of_kind(result: AuditResult, table: str, head: pd.DataFrame) -> pd.DataFrame:
    places = getattr(result.places, table)
    named = {
        "place_id": places["place_id"],
        "label": places["label" if "label" in places else "name"],
        "code": places["place_code"],
        "kind": _KINDS[table],
        "category": places["highway" if "highway" in places else "category"],
    }
    wide = pd.DataFrame(with_values(places, head, result.rubric)).drop(columns=places.columns)
    seen = wide.rename(columns=_SHORT)
    columns = pd.concat([pd.DataFrame(named), seen[_FIRST], seen.drop(columns=_FIRST)], axis=1)
    return columns.astype({name: "str" if name in _TEXTS else "float64" for name in columns})
