"""How often a submission lands on the street it was made on, and whether the places are streets at all.

Seeded walks along the ways of four cities; fixes whose 68 % radius is 5 and 10 m; the truth is the way and the position
that was walked. Beside ours, in the same run: the pieces of the map between its nodes, joined by the nearest line and
shared as safeaudit 0.1 did; our places joined by the nearest line; and a blind grid of as many squares as places,
which does as well on placing: purity says which of them are streets.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from measure import tell_command
from placing_peers import Pieces, grid_of, nearest, pieces_of, shared, true_line
from placing_walks import PER_AXIS, fixes, walks, ways_of

from safeaudit.config import LayerSettings, MatchSettings, PlacesSettings
from safeaudit.files.admit import admit
from safeaudit.match import match
from safeaudit.places import read_places

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from placing_walks import Ways

    from safeaudit.tables import Places

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "cities"
CITIES = {
    "Helsinki": PlacesSettings(osm=ROOT / "sample_cities" / "helsinki" / "helsinki.osm.pbf"),
    "Makati": PlacesSettings(osm=SHARED / "makati" / "makati.osm.pbf"),
    "Nairobi": PlacesSettings(osm=SHARED / "nairobi-cbd" / "nairobi_cbd.osm.pbf"),
    "Kibera": PlacesSettings(
        streets=LayerSettings(file=SHARED / "kibera" / "kibera_roads_2013_utm_unlabelled.geojson", crs="EPSG:32737")
    ),
}
RADII = (5.0, 10.0)
DEFAULT_M = MatchSettings().default_accuracy_m
OFF_AXIS_M = LAYER_M = 40.0
STEP_M = 5.0
BINS = ((0.5, 0.6), (0.6, 0.8), (0.8, 1.001))


@dataclass(frozen=True, slots=True)
class City:
    """A city as the bench needs it: its places, its ways, and walks on them with the true place of each submission."""

    name: str
    places: Places
    ways: Ways
    true: gpd.GeoDataFrame
    place: NDArray[np.object_]


def main() -> None:
    """Print what was reached, city by city."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cities", nargs="+", default=list(CITIES), choices=list(CITIES))
    parser.add_argument("--walks", type=int, default=120)
    given = parser.parse_args()
    tell_command()
    for name in given.cities:
        city = city_of(name, given.walks)
        _tell_places(city)
        _tell_placing(city)


def city_of(name: str, count: int) -> City:
    """Read a city and walk through it."""
    settings = CITIES[name]
    (file,) = settings.files
    admitted = admit(file)
    places = read_places(settings, "auto", {file: admitted})
    ways = ways_of(settings, admitted, places.crs)
    true = walks(ways, count, seed=9).set_crs(places.crs)
    return City(name, places, ways, true, _true_place(places.links, ways, true))


def place_of(links: gpd.GeoDataFrame) -> NDArray[np.object_]:
    return links["segment_id"].astype(object).fillna(links["space_id"].astype(object)).to_numpy()


def _true_place(links: gpd.GeoDataFrame, ways: Ways, true: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the place of the link of the walked way at each position; a layer's links have no way, only a position."""
    number = pd.Series(np.arange(len(ways.table)), index=ways.table["osm_ids"])
    known = links["osm_ids"].notna().to_numpy()
    way = number.reindex(links["osm_ids"].astype(object)).to_numpy() if known.all() else np.full(len(links), -1)
    walked = true["way"].to_numpy() if known.all() else np.full(len(true), -1)
    link = true_line(walked, true.geometry.to_numpy(), Pieces(way, links.geometry.to_numpy()))
    return np.where(link >= 0, place_of(links)[link], None)


def _tell_places(city: City) -> None:
    """Print what the places are like: length, purity, labels."""
    segments, links = city.places.segments, city.places.links
    pieces = shapely.length(pieces_of(city.ways).line)
    way = _name_of_way(city)
    named = pd.notna(way)
    every = pd.concat([segments, city.places.spaces]).set_index("place_id")
    bears = every["name"].reindex(place_of(links)).to_numpy(dtype=object)
    metres = links["length_m"].to_numpy()
    strange = named & (way != bears)
    other = strange & pd.notna(bears)
    off, layers = _off_axis(segments, links), _two_layers(links)
    own_name = ~every["label_kind"].astype(object).fillna("").str.startswith("way") & every["name"].notna()
    says = own_name | every[["label_from", "label_to", "label_near"]].notna().any(axis=1)
    says = says.reindex(place_of(links)).to_numpy(dtype=bool)
    labels = segments["label"].astype(str)
    inside = metres[named].sum() or np.nan
    print(
        f"\n{city.name}: {len(segments)} segments, median {segments['length_m'].median():.0f} m (wanted 40-110); "
        f"pieces of the map: {len(pieces)}, median {np.median(pieces):.1f} m"
    )
    print(
        f"  purity: named way in a place of another name {metres[other].sum() / inside:.2%} (wanted under 0.5 %), "
        f"in one without a name {metres[strange & ~other].sum() / inside:.2%}; "
        f"over {OFF_AXIS_M:.0f} m off the axis {off:.2%} (under 2 %); places on two layers {layers} (0)"
    )
    print(
        f"  a name in the label: {metres[says].sum() / metres.sum():.1%} of the length (85 %); "
        f"of its own: {metres[pd.notna(bears)].sum() / metres.sum():.1%}, of the ways {inside / metres.sum():.1%}; "
        f"labels that only one place has: {(~labels.duplicated(keep=False)).mean():.1%}"
    )


def _name_of_way(city: City) -> NDArray[np.object_]:
    """Return the name of the way that each link comes from: the one under its middle."""
    links, pieces = city.places.links, pieces_of(city.ways)
    middle = shapely.line_interpolate_point(links.geometry.to_numpy(), 0.5, normalized=True)
    number = pd.Series(np.arange(len(city.ways.table)), index=city.ways.table["osm_ids"])
    known = links["osm_ids"].notna().to_numpy()
    own = number.reindex(links["osm_ids"].astype(object)).to_numpy() if known.all() else np.full(len(links), -1)
    of = pieces if known.all() else Pieces(np.full(len(pieces.way), -1), pieces.line)
    piece = true_line(own, middle, of)
    return np.where(piece >= 0, city.ways.table["name"].to_numpy(dtype=object)[pieces.way[piece]], None)


def _off_axis(segments: gpd.GeoDataFrame, links: gpd.GeoDataFrame) -> float:
    """Return the share of the length of segments that is over 40 m from its segment's line."""
    own = links[links["segment_id"].notna()]
    count = np.maximum(1, (own["length_m"].to_numpy() / STEP_M).astype(int))
    link = np.repeat(np.arange(len(own)), count)
    share = (np.arange(len(link)) - np.repeat(np.cumsum(count) - count, count) + 0.5) / count[link]
    spots = shapely.line_interpolate_point(own.geometry.to_numpy()[link], share, normalized=True)
    axis = segments.set_index("place_id").geometry.reindex(own["segment_id"].astype(object)).to_numpy()[link]
    metres = (own["length_m"].to_numpy() / count)[link]
    return float(metres[shapely.distance(spots, axis) > OFF_AXIS_M].sum() / metres.sum())


def _two_layers(links: gpd.GeoDataFrame) -> int:
    """Return how many segments have over 40 m on two layers each."""
    tags = [json.loads(text) for text in links["tags"].astype(str)]
    frame = pd.DataFrame({"place": links["segment_id"].astype(object), "layer": [_layer(one) for one in tags]})
    metres = links["length_m"].groupby([frame["place"], frame["layer"]]).sum()
    return int(((metres > LAYER_M).groupby(level=0).sum() > 1).sum())


def _layer(tags: dict[str, str]) -> int:
    if tags.get("layer", "").removeprefix("-").isdigit():
        return int(tags["layer"])
    under = tags.get("tunnel", "no") not in {"no", "building_passage"}
    return int(tags.get("bridge", "no") != "no") - int(under)


def _tell_placing(city: City) -> None:
    """Print how well submissions are placed, by us and by the peers, at each radius."""
    lost = pd.isna(city.place).sum()
    print(f"  {len(city.true)} submissions of {city.true['walk'].nunique()} walks, {lost} without a true place")
    head = "over half  true first  right if over half   right where the largest weight is 0.5-0.6, 0.6-0.8, above"
    for radius in RADII:
        print(f"  68 % radius {radius:.0f} m {'':24} {head}")
        for what, said, far, walked in (
            ("ours, one fix", True, False, False),
            ("ours, with the walk", True, False, True),
            ("ours, one fix, accuracy unknown", False, False, False),
            ("ours, with the walk, accuracy unknown", False, False, True),
            ("ours, one fix, errors correlated", True, True, False),
            ("ours, with the walk, errors correlated", True, True, True),
        ):
            people = fixes(city.true, radius, 17, correlated=far)
            _tell(what, place_ours(city.places, people, said=said, walked=walked), city.place)
        people = fixes(city.true, radius, 17, correlated=False)
        for what, pairs, true in _peers(city, people.geometry.to_numpy(), radius):
            _tell(what, pairs, true)


def place_ours(places: Places, people: gpd.GeoDataFrame, *, said: bool, walked: bool) -> pd.DataFrame:
    """Return our weights; what segments leave of a fix is the space's that it was matched to."""
    frame = people.set_crs(places.crs)
    frame["accuracy_m"] = frame["accuracy_m"] if said else np.nan
    if not walked:
        frame["walk_id"] = None
    matches = match(frame, places, MatchSettings())
    row = pd.Series(np.arange(len(frame)), index=frame["submission_id"])
    found = pd.DataFrame(
        {
            "row": row.reindex(matches["submission_id"].astype(object)).to_numpy(),
            "kind": matches["kind"].astype(str),
            "place": matches["place_id"].astype(object),
            "weight": matches["weight"],
        }
    )
    streets = found[found["kind"] == "segment"]
    spaces = found[found["kind"] == "space"]
    rest = 1 - streets.groupby("row")["weight"].sum().reindex(spaces["row"], fill_value=0.0).to_numpy()
    return pd.concat([streets, spaces.assign(weight=rest)[rest > 1e-9]], ignore_index=True)


def _peers(
    city: City, points: NDArray[np.object_], radius: float
) -> list[tuple[str, pd.DataFrame, NDArray[np.object_]]]:
    """Return weights and truth of each peer."""
    pieces, links = pieces_of(city.ways), city.places.links
    piece = true_line(city.true["way"].to_numpy(), city.true.geometry.to_numpy(), pieces)
    joined = nearest(links.geometry.to_numpy(), points)
    spots = shapely.get_coordinates(shapely.segmentize(links.geometry.to_numpy(), STEP_M))
    cells = grid_of(spots, links["segment_id"].nunique() + links["space_id"].nunique())
    truth = cells.cell(shapely.get_coordinates(city.true.geometry.to_numpy()))
    return [
        ("our places, nearest line", joined.assign(place=place_of(links)[joined["place"]]), city.place),
        ("pieces of the map, nearest line", nearest(pieces.line, points), piece),
        ("pieces of the map, shared as 0.1 did", shared(pieces.line, points, np.full(len(points), radius)), piece),
        (f"blind grid, {cells.side_m:.0f} m", cells.shares(points, radius / PER_AXIS), truth),
    ]


def _tell(what: str, pairs: pd.DataFrame, true: NDArray[np.object_]) -> None:
    """Print one line of figures; a submission that was placed nowhere counts as wrong."""
    best = pairs.sort_values(["row", "weight"], ascending=[True, False], kind="stable").drop_duplicates("row")
    weight, right = np.zeros(len(true)), np.zeros(len(true), dtype=bool)
    row = best["row"].to_numpy(dtype=np.int64)
    weight[row] = best["weight"]
    right[row] = best["place"].to_numpy(dtype=object) == true[row].astype(object)
    over = weight > 0.5
    share = right[over].mean() if over.any() else np.nan
    bins = [(weight >= low) & (weight < high) for low, high in BINS]
    said = "  ".join(
        f"{right[some].mean():4.0%} of {some.sum():4d} (says {weight[some].mean():.0%})" for some in bins if some.any()
    )
    print(f"    {what:40} {over.mean():8.1%} {right.mean():11.1%} {share:12.1%}           {said}")


if __name__ == "__main__":
    main()
