"""Submissions -> places: which street, space and stop a rating speaks of. Table `matches`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from safeaudit.match.fixes import reach
from safeaudit.match.walk import steps_of, with_walk
from safeaudit.place_codes import Directory, plain_code, plain_codes
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.config import MatchSettings
    from safeaudit.tables import Places

_CHUNK = 50_000
_LEAST_SHARE = 0.05
"""A place with a smaller share of a fix has none: it would be in a table, and change nothing."""

_MOSTLY = 0.5


def match(submissions: GeoDataFrame, places: Places, settings: MatchSettings) -> pd.DataFrame:
    """Match submissions to the places of each kind.

    A submission goes to places of every kind, and kinds are never summed:

    - *segments*: a fix is shared by how likely it is along the links of each (`fixes.reach`), and by what
      the rest of its walk says (`walk.with_walk`); it is counted once, and it is ambiguous where several
      have a share. What is likelier on the paths of a space is no street's: weights sum to 1 or less.
    - *spaces*: the one whose paths have over half of the fix, else the smallest that contains the point (the named
      one around that, where there is one), else the nearest within the limit.
    - *stops*: the nearest within the limit.

    Spaces and stops at the same distance go by place_id. A fix whose accuracy is worse than the limit goes nowhere:
    it could be on any street.

    A submission that names its place by code goes to that place and to no other of its kind; its fix
    decides on the other kinds alone. A code that no place has, and that no override says the meaning of, is
    as none: `unknown_codes` tells of it.

    Parameters
    ----------
    submissions
        Table `submissions` in the run's CRS; one without a point or a known code has no match.
    places
        Segments, spaces and stops in the same CRS.
    settings
        The limit and the accuracy taken where none is known, metres; codes that take the place of a
        submission's own, and what other codes mean.

    Returns
    -------
    The table `matches`: for each submission and kind the weights sum to 1, less for streets beside paths of spaces.

    Examples
    --------
    >>> import safeaudit
    >>> from safeaudit.match import match
    >>> config = safeaudit.load_config("kibera")
    >>> result = safeaudit.run(config, quick=True)
    >>> matches = match(result.audits.submissions, result.places, config.match)
    >>> matches.groupby("submission_id", observed=True)["weight"].sum().round(9).unique()
    array([1.])
    """
    directory = Directory(places=places, overrides=settings.overrides)
    points = submissions.geometry.to_numpy()
    accuracy = submissions["accuracy_m"].astype(float)
    accuracy = accuracy.where(accuracy > 0, settings.default_accuracy_m).to_numpy()
    sharp = ~shapely.is_missing(points) & (accuracy <= settings.max_distance_m)
    rows = np.flatnonzero(sharp)
    limit_m = settings.max_distance_m
    shares = _shares(places, submissions.iloc[rows], accuracy[rows], limit_m)
    found = [
        _segments(shares),
        _spaces(shares, points[rows], places.spaces, limit_m),
        _one_of("stop", places.stops, points[rows], limit_m),
    ]
    matches = pd.concat(found, ignore_index=True)
    matches["submission_id"] = submissions["submission_id"].array[rows[matches.pop("row")]]
    named = _named(submissions, directory)
    if named.empty:
        return validate_table(matches, "matches")
    by_fix = pd.MultiIndex.from_frame(matches[["submission_id", "kind"]])
    free = ~by_fix.isin(pd.MultiIndex.from_frame(named[["submission_id", "kind"]]))
    return validate_table(pd.concat([matches[free], named], ignore_index=True), "matches")


def unknown_codes(submissions: pd.DataFrame, places: Places, settings: MatchSettings) -> tuple[str, ...]:
    """Tell of codes that no place has, and of overrides for submissions that are not there.

    Parameters
    ----------
    submissions, places, settings
        As for `match`.

    Returns
    -------
    A sentence for each of the two, none where all is well.
    """
    directory = Directory(places=places, overrides=settings.overrides)
    codes = _codes(submissions, directory)
    lost = codes.index[~codes.isin(directory.known.index)] if len(codes) else codes.index
    written = {*submissions["submission_id"], *plain_codes(submissions["place_code"].dropna())}
    strange = sorted(key for key in settings.overrides if written.isdisjoint((key, plain_code(key))))
    told = []
    if len(lost):
        first = submissions.loc[lost[0]]
        meant = directory.meant(codes[lost[0]])
        told.append(
            f"{len(lost)} submissions name a place code that no place here has (first: {first['source']} line "
            f'{first["line"]}, "{codes[lost[0]]}"). They go by their position; those without one count nowhere. '
            f"Look for a mistyped sign{f' (the first may be {meant})' if meant else ''}, "
            "or name the place under [match] overrides."
        )
    if strange:
        told.append(
            f'[match] overrides names {len(strange)} submissions or codes that are not here (first: "{strange[0]}"). '
            "Take ids from private/result.gpkg, codes from the forms."
        )
    return tuple(told)


def _named(submissions: pd.DataFrame, directory: Directory) -> pd.DataFrame:
    """Return the matches of submissions that name a known place."""
    codes = _codes(submissions, directory)
    if codes.empty:
        return empty_table("matches")
    codes = codes[codes.isin(directory.known.index)]
    found = directory.known.loc[codes, ["place_id", "kind"]].reset_index(drop=True)
    found["submission_id"] = submissions.loc[codes.index, "submission_id"].array
    return found.assign(weight=1.0, distance_m=0.0, ambiguous=False)


def _codes(submissions: pd.DataFrame, directory: Directory) -> pd.Series[str]:
    """Return the code of each submission that has one: its override, else its own, else what that stands for."""
    given = submissions["submission_id"].astype("str").map(dict(directory.overrides)).astype("str")
    return directory.codes(given.fillna(submissions["place_code"].astype("str")).dropna())


def _shares(places: Places, people: pd.DataFrame, accuracy: NDArray[np.float64], limit_m: float) -> pd.DataFrame:
    """Share each fix among segments and spaces by the links it may have been made on.

    Row of the fix, place_id, whether that is a segment, distance_m and weight of each share. What hardly counts is left
    out; the shares of a fix sum to 1.
    """
    links = places.links
    fixes, reached = reach(links.geometry.to_numpy(), people.geometry.to_numpy(), accuracy, limit_m)
    reached = with_walk(reached, fixes, links, steps_of(people, fixes, reached))
    segment, space = (links[name] for name in ("segment_id", "space_id"))
    place, names = pd.factorize(segment.fillna(space))
    street = np.zeros(len(names), dtype=bool)
    street[place] = segment.notna()
    pairs = {"place": place[reached.link], "distance_m": reached.distance_m, "weight": reached.likelihood}
    shares = pd.DataFrame({"row": reached.fix, **pairs}).groupby(["row", "place"], as_index=False)
    shares = shares.agg({"distance_m": "min", "weight": "sum"})
    for least in (_LEAST_SHARE, 0.0):
        shares["weight"] /= np.bincount(shares["row"], shares["weight"])[shares["row"]]
        shares = shares[shares["weight"] > least]
    number = shares.pop("place").to_numpy()
    return shares.assign(place_id=names.to_numpy()[number], street=street[number])


def _segments(shares: pd.DataFrame) -> pd.DataFrame:
    """Return the shares of segments; a fix is ambiguous where it has several places."""
    several = np.bincount(shares["row"])[shares["row"]] > 1
    found = shares.assign(ambiguous=several, kind="segment")
    return found[found.pop("street")]


def _spaces(shares: pd.DataFrame, points: NDArray[np.object_], spaces: GeoDataFrame, limit_m: float) -> pd.DataFrame:
    """Give each fix to the space whose paths have most of it, else to the one it lies in or beside."""
    found = _one_of("space", spaces, points, limit_m)
    host = spaces.set_index("place_id")["within"]
    found["place_id"] = host.reindex(found["place_id"]).fillna(found["place_id"].set_axis(found["place_id"])).to_numpy()
    walked = shares[(shares["weight"] > _MOSTLY) & ~shares["street"]].drop(columns="street")
    shape = spaces.set_index("place_id").geometry.reindex(walked["place_id"]).to_numpy()
    away = shapely.distance(points[walked["row"]], shape)
    on_path = walked.assign(kind="space", weight=1.0, distance_m=away, ambiguous=False)
    return pd.concat([found[~found["row"].isin(on_path["row"])], on_path], ignore_index=True)


def _one_of(kind: str, frame: GeoDataFrame, points: NDArray[np.object_], limit_m: float) -> pd.DataFrame:
    """Give each fix to the place it lies in or beside."""
    shapes = frame.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    found = []
    for start in range(0, len(points), _CHUNK):
        chunk = points[start : start + _CHUNK]
        row, place = tree.query(chunk, predicate="dwithin", distance=limit_m)
        distance = shapely.distance(chunk[row], shapes[place])
        found.append(_one(pd.DataFrame({"row": row + start, "place": place, "distance_m": distance}), frame))
    kinds = {"row": int, "place": int, "distance_m": float, "weight": float, "ambiguous": bool}
    matches = pd.concat(found) if found else pd.DataFrame(columns=list(kinds)).astype(kinds)
    matches["place_id"] = frame["place_id"].to_numpy()[matches.pop("place")]
    return matches.assign(kind=kind)


def _one(pairs: pd.DataFrame, frame: GeoDataFrame) -> pd.DataFrame:
    """Give each fix to one place: inside before beside, then small before large, near before far."""
    area = frame["area_m2"].to_numpy() if "area_m2" in frame else np.zeros(len(frame))
    inside = pairs["distance_m"].to_numpy() == 0
    order = pairs.assign(
        size=np.where(inside, np.nan_to_num(area[pairs["place"]]), np.inf),
        rounded=pairs["distance_m"].round(6),
    ).sort_values(["row", "size", "rounded", "place"], kind="stable")
    first = order.drop_duplicates("row").drop(columns=["size", "rounded"])
    return first.assign(weight=1.0, ambiguous=False)
