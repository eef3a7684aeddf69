"""Draw why a fix lands on the wrong street: the corner of a city where that happens most, as an SVG.

Streets have one colour each. Of every fix that has over half of its weight on one street, a line leads from where the
submission was made (dot) to where the phone says (cross): grey where the street is right, red where it is not.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from measure import tell_command
from placing import CITIES, ROOT, city_of, place_of, place_ours
from placing_walks import fixes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from placing import City

WINDOW_M = (260.0, 180.0)
STEP_M = 20.0
PX_PER_M = 4.0
COLOURS = ("#1b6ca8", "#c2741a", "#3f7d3a", "#7a4fa0", "#8a6a3b", "#2a8c8c", "#a84f78", "#5b6770")
RIGHT, WRONG = "#8a8a8a", "#d01c1c"


def main() -> None:
    """Draw a city and print what the picture is of."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--city", default="Nairobi", choices=list(CITIES))
    parser.add_argument("--radius", type=float, default=10.0)
    parser.add_argument("--walks", type=int, default=120)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "placing.svg")
    given = parser.parse_args()
    tell_command()
    city = city_of(given.city, given.walks)
    people = fixes(city.true, given.radius, 17, correlated=False)
    pairs = place_ours(city.places, people, said=True, walked=False).sort_values("weight", kind="stable")
    best = pairs.drop_duplicates("row", keep="last")
    best = best[best["weight"] > 0.5]
    row = best["row"].to_numpy()
    true = shapely.get_coordinates(city.true.geometry.to_numpy())[row]
    said = shapely.get_coordinates(people.geometry.to_numpy())[row]
    right = best["place"].to_numpy(dtype=object) == city.place[row].astype(object)
    _tell(city, best, right, true)
    given.out.write_text("\n".join(_svg(city, true, said, right)) + "\n", encoding="utf-8")


def _tell(city: City, best: pd.DataFrame, right: NDArray[np.bool_], true: NDArray[np.float64]) -> None:
    """Print what the weights say, what is right, and how near the wrong street is to where people stood."""
    lines, place = city.places.links.geometry.to_numpy(), place_of(city.places.links)
    wrong = zip(_points(true[~right]), best["place"].to_numpy(dtype=object)[~right], strict=True)
    far_m = np.median([shapely.distance(spot, lines[place == of]).min() for spot, of in wrong])
    print(
        f"{city.name}: {len(right)} fixes have over half on one street: {right.mean():.1%} are right, the weights say "
        f"{best['weight'].mean():.1%}. Half of the wrong ones were made within {far_m:.1f} m of the street said."
    )


def _svg(city: City, true: NDArray[np.float64], said: NDArray[np.float64], right: NDArray[np.bool_]) -> Iterator[str]:
    corner = _corner(true[~right])
    width, height = (side * PX_PER_M for side in WINDOW_M)
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">'
    yield f'<rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>'
    box = shapely.box(*corner, *(corner + WINDOW_M))
    links, place = city.places.links.geometry.to_numpy(), place_of(city.places.links)
    code = pd.factorize(place)[0]
    for row in np.flatnonzero(shapely.intersects(links, box)):
        colour = COLOURS[code[row] % len(COLOURS)]
        line = f'points="{_px(links[row], corner)}" stroke="{colour}"'
        yield f'<polyline {line} fill="none" stroke-width="5" opacity=".55"/>'
    inside = ((true >= corner) & (true <= corner + WINDOW_M)).all(axis=1)
    for row in np.flatnonzero(inside)[np.argsort(~right[inside], kind="stable")]:
        colour, line = RIGHT if right[row] else WRONG, shapely.LineString([true[row], said[row]])
        (x, y), (u, v) = ((shapely.get_coordinates(line) - corner) * [1, -1] * PX_PER_M + [0, height]).round(1)
        yield f'<polyline points="{x},{y} {u},{v}" stroke="{colour}" stroke-width="1.2"/>'
        yield f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>'
        yield f'<path d="M{u - 3:.1f},{v}h6M{u},{v - 3:.1f}v6" stroke="{colour}" stroke-width="1.4"/>'
    yield f'<path d="M16,{height - 16:.0f}h{20 * PX_PER_M:.0f}" stroke="#000" stroke-width="3"/>'
    yield f'<text x="16" y="{height - 22:.0f}" font-size="15">20 m</text></svg>'


def _corner(spots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the lower left corner of the window that holds most of these."""
    least, most = spots.min(axis=0), spots.max(axis=0)
    steps = [np.arange(least[axis] - WINDOW_M[axis] / 2, most[axis], STEP_M) for axis in (0, 1)]
    corners = np.stack(np.meshgrid(*steps), axis=-1).reshape(-1, 2)
    off = spots[None] - corners[:, None]
    return corners[((off >= 0) & (off <= WINDOW_M)).all(axis=2).sum(axis=1).argmax()]


def _points(xy: NDArray[np.float64]) -> NDArray[np.object_]:
    return np.asarray(shapely.points(xy), dtype=object)


def _px(line: shapely.LineString, corner: NDArray[np.float64]) -> str:
    xy = (shapely.get_coordinates(line) - corner) * [1, -1] * PX_PER_M + [0, WINDOW_M[1] * PX_PER_M]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in xy)


if __name__ == "__main__":
    main()
