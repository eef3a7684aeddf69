"""A public view of a made-up town, for tests of public outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from safeaudit.languages import read_language
from safeaudit.languages.labels import Parts, compose
from safeaudit.tables.public import CHANGE_COLUMNS, GROUP_COLUMNS, REACH_COLUMNS, Public, PublicIndicator, PublicLayer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WEST, SOUTH = 24.93, 60.16
STEP = 0.002
BANDS = ("Needs attention", "Poor", "Fair", "Good")
STATES = ("audited", "few", "stale")


def public_town(
    streets: int = 60, *, texts: Sequence[str] = (), title: str = "Town", remarks: Sequence[str] = ("Simulated audits",)
) -> Public:
    """Return streets in rows, three spaces (one of them a point) and two stops.

    Parameters
    ----------
    streets
        How many pieces of street.
    texts
        Strings that stand wherever a person could have written something.
    title
        Name of the town.
    remarks
        Sentences on the map.
    """
    words = list(texts) or [f"Street {number}" for number in range(12)]
    places = _places(streets, words, coded=bool(texts))
    indicators = tuple(
        PublicIndicator(name=name, label=label, question="", levels=levels)
        for name, label, levels in (
            ("street_condition", words[-1] if texts else "Street condition", ()),
            ("lighting", words[0] if texts else "Lighting", tuple((words * 4)[:4]) if texts else _LIGHTING),
        )
    )
    return Public(
        title=title,
        slug="town",
        remarks=tuple(remarks),
        as_of=words[1] if texts else "2026 Q3",
        attribution=words[2] if texts else "© OpenStreetMap contributors",
        bands=BANDS,
        indicators=indicators,
        places=places,
        conditions=_conditions(places),
        coverage=_coverage(indicators),
        faults=_faults(places, words if texts else ["Lamp does not work", "Open drain or hole"], agency=words[0]),
        changes=_changes((words[0], words[1]) if texts else ("before", "after")),
        groups=_groups(words[0] if texts else "after"),
        reach=_reach(words[0] if texts else "after"),
        layers=_LAYERS,
        evidence=_evidence(places),
        lamps=_lamps(places),
        lamp_coverage=0.4,
        areas=_areas(),
        localities=_localities(),
        backdrop=_backdrop(),
    )


_LAYERS = (
    PublicLayer(name="lit", label="Lit, says the map", steps=("lit", "lit for some hours", "not lit"), coverage=0.6),
    PublicLayer(name="ways_out", label="Dead ends", steps=("dead end", "the only way through"), coverage=1.0),
)
_LIGHTING = ("None: no light at all", "Little: barely reaches", "Enough: clear visibility", "Bright: brightly lit")


def _places(streets: int, words: Sequence[str], *, coded: bool) -> gpd.GeoDataFrame:
    lines = _streets(streets)
    spaces = [_square(3, 2), _square(6, 4), shapely.Point(WEST + 7.5 * STEP, SOUTH + 0.5 * STEP)]
    stops = [shapely.Point(WEST + 1.5 * STEP, SOUTH + 1.5 * STEP), shapely.Point(WEST + 4.5 * STEP, SOUTH + 1.5 * STEP)]
    count = streets + len(spaces) + len(stops)
    names = np.array([words[number % len(words)] for number in range(count)], dtype=object)
    codes = np.array([f"T{number:05d}" for number in range(count)], dtype=object)
    if coded:
        codes[: len(words)] = [f"code {word}" for word in words]
    else:
        names[3:streets:7] = None
    frame = {
        "place_id": [f"p{number:06d}" for number in range(count)],
        "place_code": codes,
        "kind": ["segment"] * streets + ["space"] * len(spaces) + ["stop"] * len(stops),
        "category": [*(["footway", words[0]] * streets)[:streets], "park", "square", "market", "bus_stop", None],
        "name": names,
        **_labels(names, streets, crossed=not coded),
    }
    return gpd.GeoDataFrame(frame, geometry=[*lines, *spaces, *stops], crs=4326)


def _labels(names: NDArray[np.object_], streets: int, *, crossed: bool) -> dict[str, NDArray[np.object_]]:
    """Return labels with their parts: streets between the two before them, every fifth half of one; others alone."""
    number, count = np.arange(len(names)), len(names)
    start, end = np.roll(names, 1), np.roll(names, 2)
    has_name, between = pd.notna(names), (number < streets) & crossed & pd.notna(start) & pd.notna(end)
    word = np.where(has_name, names, "path")
    kind = np.where(between, np.where(has_name, "between", "way_between"), np.where(has_name, "alone", "way"))
    mark = np.where(between & (number % 5 == 0), "1/2", None)
    parts = {"label_kind": kind, "label_name": word, "label_near": np.full(count, None, dtype=object)}
    parts |= {"label_from": np.where(between, start, None), "label_to": np.where(between, end, None)}
    rows = zip(kind, word, parts["label_from"], parts["label_to"], parts["label_near"], mark, strict=True)
    label = np.array([compose(Parts(*row), read_language("en")) for row in rows], dtype=object)
    return {**parts, "label_mark": mark, "label": label}


def _streets(count: int) -> NDArray[np.object_]:
    columns = int(np.ceil(np.sqrt(count)))
    number = np.arange(count)
    start = np.column_stack([WEST + number % columns * STEP, SOUTH + number // columns * STEP])
    along = np.array([[0.0, 0.0], [0.4, 0.1], [0.7, 0.05], [0.98, 0.0]]) * STEP
    xy = (start[:, None, :] + along[None, :, :]).reshape(-1, 2)
    lines: NDArray[np.object_] = shapely.linestrings(xy, indices=np.repeat(number, len(along)))
    return lines


def _square(column: float, row: float) -> shapely.Geometry:
    west, south = WEST + (column + 0.2) * STEP, SOUTH + (row + 0.3) * STEP
    hole = shapely.box(west + 0.2 * STEP, south + 0.2 * STEP, west + 0.3 * STEP, south + 0.3 * STEP)
    return shapely.difference(shapely.box(west, south, west + 0.5 * STEP, south + 0.5 * STEP), hole)


def _conditions(places: gpd.GeoDataFrame) -> pd.DataFrame:
    """Two of three places by night, every second by day; bands and states in turn."""
    number = np.arange(len(places))
    parts = []
    for indicator in ("street_condition", "lighting"):
        for light, wanted in (("dark", number % 3 != 1), ("day", number % 2 == 0)):
            seen = number[wanted]
            band = (seen // 3 + (light == "day")) % 4
            parts.append(
                pd.DataFrame(
                    {
                        "place_id": places["place_id"].to_numpy()[seen],
                        "indicator": indicator,
                        "band": band,
                        "state": np.array(STATES, dtype=object)[
                            np.where(seen % 5 == 0, 1, np.where(seen % 7 == 0, 2, 0))
                        ],
                        "n": np.array(["1-2", "3-4", "5 or more"], dtype=object)[seen % 3],
                        "people": np.array(["3-4", "5 or more", "5 or more"], dtype=object)[seen % 3],
                        "level": pd.array(
                            [pd.NA] * len(seen) if indicator == "street_condition" else band, dtype="Int64"
                        ),
                        "level_0": band == 0,
                        "list": np.array(["likely", "look", "none", "none"], dtype=object)[band],
                        "light": light,
                        "quarter": np.where(seen % 4 == 0, None, "2026 Q2"),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def _coverage(indicators: Sequence[PublicIndicator]) -> pd.DataFrame:
    rows = [
        {"indicator": indicator.name, "light": light, "kind": kind, "seen": seen}
        for indicator in indicators
        for light in ("dark", "day")
        for kind, seen in (("segment", 0.38), ("space", 0.999), ("stop", 0.0))
    ]
    return pd.DataFrame(rows)


def _areas() -> gpd.GeoDataFrame:
    """Return a ward whose name tries to run as code, and a site."""
    shapes = [
        shapely.box(WEST - STEP, SOUTH - STEP, WEST + 4 * STEP, SOUTH + 5 * STEP),
        shapely.box(WEST + 4 * STEP, SOUTH - STEP, WEST + 9 * STEP, SOUTH + 5 * STEP),
    ]
    names = ["<b onclick=alert(1)>North</b>", "Östermalm"]
    frame = {"area_id": ["north", "east"], "name": names, "kind": ["ward", "site"]}
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=4326)


def _groups(round_name: str) -> pd.DataFrame:
    """Return how women felt, everywhere and in parks, and how those without a disability did."""
    rows = [
        ("city", "city", "dark", "sex", "woman", 41, 34, 47),
        ("kind", "park", "dark", "sex", "woman", 34, 27, 40),
        ("city", "city", "dark", "disability", "no", 43, 38, 49),
        ("city", "city", "twilight", "sex", "woman", 55, 40, 70),
    ]
    names = ["zone_kind", "zone", "light", "split", "who", "score", "low", "high"]
    frame = pd.DataFrame(rows, columns=names).assign(indicator="feeling", round=round_name)
    return frame.assign(what="feeling " + frame["light"] + " " + frame["split"] + " " + frame["who"])[GROUP_COLUMNS]


def _reach(round_name: str) -> pd.DataFrame:
    """Return who reaches a stop in both lights, and a school after dark."""
    rows = [
        ("school", "dark", False, "m", 1200.0, 300.0, 100.0, 900.0),
        ("stop", "day", True, "people", 3750.0, 1790.0, 1730.0, 2320.0),
        ("stop", "dark", True, "people", 3750.0, 950.0, 140.0, 1800.0),
    ]
    names = ["category", "light", "same", "unit", "within", "reach", "low", "high"]
    frame = pd.DataFrame(rows, columns=names).assign(
        indicator="street_condition", destinations=11, counted=3, round=round_name
    )
    return frame.assign(what="reach of " + frame["category"] + " by street_condition")[REACH_COLUMNS]


def _changes(rounds: tuple[str, str]) -> pd.DataFrame:
    """Return what changed: surely in the city, for worse in the ward, and in the site nobody can tell."""
    rows = [
        ("city", "City", "city", "lighting", "better", 11, 3, 19, True),
        ("north", "North", "ward", "lighting", "worse", -8, -12, -4, False),
        ("east", "Östermalm", "site", "lighting", "untold", None, None, None, False),
        ("east", "Östermalm", "site", "street_condition", "unsure", 2, -4, 8, False),
    ]
    names = ("area_id", "area", "area_kind", "indicator", "verdict", "difference", "low", "high", "chance")
    frame = pd.DataFrame(rows, columns=list(names)).assign(
        kind="segment", light="dark", before=rounds[0], after=rounds[1]
    )
    return frame.assign(what="change of segment " + frame["indicator"] + " dark")[CHANGE_COLUMNS]


def _localities() -> gpd.GeoDataFrame:
    """Return a suburb, and a neighbourhood whose name tries to run as code."""
    points = [
        shapely.Point(WEST + 2.5 * STEP, SOUTH + 2.5 * STEP),
        shapely.Point(WEST + 6.5 * STEP, SOUTH + 3.5 * STEP),
    ]
    frame = {"name": ["Kallio", "<img src=x onerror=alert(1)>"], "category": ["suburb", "neighbourhood"]}
    return gpd.GeoDataFrame(frame, geometry=points, crs=4326)


def _backdrop() -> gpd.GeoDataFrame:
    shapes = [
        shapely.box(WEST - STEP, SOUTH - STEP, WEST + 9 * STEP, SOUTH - 0.5 * STEP),
        shapely.box(WEST + STEP, SOUTH + 3 * STEP, WEST + 2 * STEP, SOUTH + 4 * STEP),
        shapely.box(WEST + 0.3 * STEP, SOUTH + 0.3 * STEP, WEST + 0.5 * STEP, SOUTH + 0.5 * STEP),
        shapely.LineString([[WEST, SOUTH + 5 * STEP], [WEST + 8 * STEP, SOUTH + 5.2 * STEP]]),
    ]
    return gpd.GeoDataFrame({"kind": ["water", "green", "building", "rail"]}, geometry=shapes, crs=4326)


def _faults(places: gpd.GeoDataFrame, kinds: Sequence[str], *, agency: str) -> pd.DataFrame:
    """Return two faults on the first street and one on a later one."""
    ids = places["place_id"].tolist()
    rows = [
        (ids[0], kinds[0], agency, "1-2", "2026 Q2", "open"),
        (ids[0], kinds[-1], "", "5 or more", "2026 Q3", "not_seen_again"),
        (ids[5], kinds[0], agency, "3-4", None, "old"),
    ]
    return pd.DataFrame(rows, columns=["place_id", "kind", "agency", "n", "quarter", "status"])


def _evidence(places: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return steps that go round, "not known" among them."""
    ids = places.loc[places["kind"] == "segment", "place_id"].reset_index(drop=True)
    row = np.arange(len(ids))
    return pd.DataFrame({"place_id": ids, "lit": row % 5 - 1, "ways_out": row % 7 // 5})


def _lamps(places: gpd.GeoDataFrame) -> gpd.GeoSeries:
    segments = places.loc[places["kind"] == "segment", "geometry"].iloc[:12]
    return gpd.GeoSeries(shapely.line_interpolate_point(segments.to_numpy(), 0.5, normalized=True), crs=4326)
