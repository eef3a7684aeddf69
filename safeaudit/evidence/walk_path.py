"""Evidence of the walk path: what the tags of a street's links say of sidewalk, surface and width."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.evidence.parts.measures import concat_evidence, evidence_rows, read_tags
from safeaudit.evidence.parts.per_segment import (
    UNKNOWN,
    Stretches,
    highest,
    known_share,
    mean_by_length,
    stretches_of,
    word_of_most,
    worst_word,
)
from safeaudit.evidence.parts.segment_links import covered_m
from safeaudit.tables import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from safeaudit.evidence.parts.context import Context
    from safeaudit.evidence.parts.segment_links import SegmentLinks

_SIDEWALK = Measure(
    name="sidewalk",
    words=("both", "left", "right", "yes", "separate", "no", "itself", "unknown"),
)
_SURFACE = Measure(name="surface", words=("paved", "unpaved", "unknown"))
_SMOOTHNESS = Measure(
    name="smoothness",
    words=(
        *("excellent", "good", "intermediate", "bad", "very_bad", "horrible", "very_horrible", "impassable"),
        "unknown",
    ),
)
_WHEELCHAIR = Measure(name="wheelchair", words=("yes", "limited", "no", "unknown"))
_WIDTH = Measure(name="width_m", unit="m")
_INCLINE = Measure(name="incline_percent", unit="%")
MEASURES = (_SIDEWALK, _SURFACE, _SMOOTHNESS, _WHEELCHAIR, _WIDTH, _INCLINE)

PAVED = {
    *("paved", "asphalt", "chipseal", "concrete", "cement", "paving_stones", "grass_paver", "sett", "cobblestone"),
    *("unhewn_cobblestone", "brick", "bricks", "interlock", "tiles", "stone", "wood", "metal", "metal_grid", "rubber"),
    *("tartan", "acrylic", "plastic"),
}
UNPAVED = {
    *("unpaved", "compacted", "fine_gravel", "gravel", "pebblestone", "shells", "rock", "ground", "dirt", "earth"),
    *("soil", "clay", "laterite", "murram", "grass", "mud", "sand", "woodchips", "dust", "snow", "ice", "salt"),
}
"""Values of `surface`, what stands behind a colon left out (concrete:plates)."""

_WALK_PATHS = ("footway", "path", "pedestrian", "steps")
_ONE_TAG = {
    "both": "both",
    "left;right": "both",
    "left": "left",
    "right": "right",
    "yes": "yes",
    "separate": "separate",
    "no": "no",
    "none": "no",
}
_SIDE = {"yes": "yes", "no": "no", "none": "no", "separate": "separate"}
_TWO_SIDES = {
    ("yes", "yes"): "both",
    ("yes", "separate"): "both",
    ("separate", "yes"): "both",
    ("yes", "no"): "left",
    ("yes", ""): "left",
    ("no", "yes"): "right",
    ("", "yes"): "right",
    ("separate", "separate"): "separate",
    ("separate", "no"): "separate",
    ("separate", ""): "separate",
    ("no", "separate"): "separate",
    ("", "separate"): "separate",
    ("no", "no"): "no",
}
"""Left and right in one word; one side without a sidewalk says nothing of the other."""

_WHEELS = {"yes": "yes", "designated": "yes", "limited": "limited", "no": "no"}
_METRES = {"": 1.0, "m": 1.0, "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0, "cm": 0.01, "ft": 0.3048}
_INCH_M = 0.0254
_LENGTH = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z]*)")
_FEET = re.compile(r"(\d+)'\s*(?:(\d+)\"?)?")
_SLOPE = re.compile(r"[+-]?(\d+(?:[.,]\d+)?)\s*([%°])")
_MAX_WIDTH_M = 100.0
_MAX_PERCENT = 100.0


def find_evidence(context: Context) -> pd.DataFrame:
    """Tell for every segment what the tags of its links say of walking on it.

    - `sidewalk`: `sidewalk`, or `sidewalk:both`, `sidewalk:left` and `sidewalk:right`, which win. Left and right
      are those of the way as OpenStreetMap draws it. A footway, path, pedestrian street or flight of steps is
      itself the walk path. Where the street is silent, it is separate as far as a way of its own that is tagged as
      its sidewalk (`footway=sidewalk`, `path=sidewalk`) runs beside it. The word of most of the known length.
    - `surface`: paved or unpaved, see `PAVED` and `UNPAVED`; on a street it speaks of the carriageway. The word of
      most of the known length.
    - `smoothness`: the tag, if it is one of OpenStreetMap's words. The word of most of the known length.
    - `wheelchair`: the tag likewise. The worst word: one spot that nobody can roll over closes the street.
    - `width_m`: `width` in metres, feet and inches or centimetres; never `est_width`. The mean of the known length.
    - `incline_percent`: `incline` in percent, or 100 tan of degrees; `up` and `down` say no number. The steepest.

    Parameters
    ----------
    context
        Its places: links and segments; and how links lie along segments. Of all but `sidewalk` the main lines
        alone are looked at.

    Returns
    -------
    The table `evidence`. Coverage is the share of the main line's length of which something is said; where that is
    0 it is unknown or NA.
    """
    links, place_id = context.places.links, context.places.segments["place_id"]
    main = context.segment_links.main
    tags, of = links["tags"].iloc[main.link], stretches_of(main)
    surface, smoothness, wheelchair, width, incline = read_tags(
        tags, _surface, _smoothness, _wheelchair, _width_m, _incline_percent
    )
    along, sidewalk = _sidewalks(links, context.segment_links)
    words = (
        (_SIDEWALK, word_of_most, along, sidewalk),
        (_SURFACE, word_of_most, of, surface),
        (_SMOOTHNESS, word_of_most, of, smoothness),
        (_WHEELCHAIR, worst_word, of, wheelchair),
    )
    numbers = ((_WIDTH, mean_by_length, width.astype(float)), (_INCLINE, highest, incline.astype(float)))
    return concat_evidence(
        [
            *(
                evidence_rows(
                    measure,
                    place_id,
                    label=rule(where, said, measure.words[:-1]),
                    coverage=known_share(where, said != UNKNOWN),
                )
                for measure, rule, where, said in words
            ),
            *(
                evidence_rows(measure, place_id, value=rule(of, n), coverage=known_share(of, ~np.isnan(n)))
                for measure, rule, n in numbers
            ),
        ]
    )


def _sidewalks(links: GeoDataFrame, lying: SegmentLinks) -> tuple[Stretches, NDArray[np.object_]]:
    """Return main lines in stretches, and what is said of sidewalks there."""
    main, beside = lying.main, lying.beside
    on_foot = links["highway"].iloc[main.link].isin(_WALK_PATHS).to_numpy()
    (said,) = read_tags(links["tags"].iloc[main.link], _sidewalk)
    (is_sidewalk,) = read_tags(links["tags"].iloc[beside.link], _is_sidewalk)
    said = np.where(on_foot, "itself", said)
    own_m = covered_m(main, beside.take(is_sidewalk.astype(bool) & (beside.beside_m > 0)))
    separate_m = np.where(said == UNKNOWN, own_m, 0.0)
    segment = np.tile(main.segment, 2)
    stretches = Stretches(segment, np.concatenate([main.length_m - separate_m, separate_m]), main.whole_m)
    return stretches, np.concatenate([said, np.full(len(said), "separate", dtype=object)])


def _is_sidewalk(tags: Mapping[str, str]) -> bool:
    return "sidewalk" in {tags.get("footway"), tags.get("path")}


def _sidewalk(tags: Mapping[str, str]) -> str:
    both = tags.get("sidewalk:both", "")
    left, right = (_SIDE.get(tags.get(f"sidewalk:{side}", both), "") for side in ("left", "right"))
    return _TWO_SIDES.get((left, right)) or _ONE_TAG.get(tags.get("sidewalk", ""), "unknown")


def _surface(tags: Mapping[str, str]) -> str:
    said = {word.strip().split(":")[0] for word in tags.get("surface", "").split(";")}
    if said <= PAVED:
        return "paved"
    return "unpaved" if said <= UNPAVED else "unknown"


def _smoothness(tags: Mapping[str, str]) -> str:
    said = tags.get("smoothness", "unknown")
    return said if said in _SMOOTHNESS.words else "unknown"


def _wheelchair(tags: Mapping[str, str]) -> str:
    return _WHEELS.get(tags.get("wheelchair", ""), "unknown")


def _width_m(tags: Mapping[str, str]) -> float:
    """Return the width in metres; NaN where it is not one length from 0 to 100 m."""
    said = tags.get("width", "").strip().lower()
    width = math.nan
    if feet := _FEET.fullmatch(said):
        width = int(feet[1]) * _METRES["ft"] + int(feet[2] or 0) * _INCH_M
    elif plain := _LENGTH.fullmatch(said):
        width = float(plain[1].replace(",", ".")) * _METRES.get(plain[2], math.nan)
    return width if 0 < width <= _MAX_WIDTH_M else math.nan


def _incline_percent(tags: Mapping[str, str]) -> float:
    """Return the incline in percent; NaN where it is no number, or steeper than 45 degrees."""
    said = _SLOPE.fullmatch(tags.get("incline", "").strip())
    if not said:
        return math.nan
    number = float(said[1].replace(",", "."))
    percent = number if said[2] == "%" else 100 * math.tan(math.radians(min(number, 89.0)))
    return percent if percent <= _MAX_PERCENT else math.nan
