"""How often intervals hold: each form is left out in turn, and held against what the others say. Table `calibration`.

An interval that claims 90 % and holds 70 % of what it is about misleads whoever spends money by it. How a place truly
is nobody knows; but each form can be guessed from the rest, with the doubt that the model has of it.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.contributors import rounds, walk_keys
from safeaudit.place_areas import find_areas, list_places
from safeaudit.rubric import COMPOSITES
from safeaudit.score.estimate import answers_of, asked_in, grid_of, pools
from safeaudit.score.left_out import leave_forms_out
from safeaudit.score.model import make_grid
from safeaudit.score.ratings import order_of_forms, ratings
from safeaudit.score.skill import LEAST_FORMS, LEAST_WALKS
from safeaudit.tables import empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from safeaudit.languages import Language
    from safeaudit.rubric import Rubric
    from safeaudit.score.estimate import Pool
    from safeaudit.tables import Audits, Places

INTERVAL = 0.9
"""Probability of the intervals that are held against what was left out."""

FEW = f"fewer than {LEAST_FORMS} forms, or {LEAST_WALKS} walks"

_OTHERS = ((1, "0"), (3, "1-2"), (6, "3-5"))
"""Classes of how many other forms were made at the place: up to, and in words."""

_MANY = "6 or more"
_ROW = ["indicator", "group", "part", "value"]
_EVERY, _NUMBER, _DEAD_END, _AREA, _WORST = "all", "other forms there", "dead end", "area", "worst tenth"


def measure_calibration(
    audits: Audits, matches: pd.DataFrame, places: Places, evidence: pd.DataFrame, rubric: Rubric
) -> pd.DataFrame:
    """Tell how often the intervals of one round held what a form said that was left out.

    Parameters
    ----------
    audits
        Of one round.
    matches, places, evidence
        The tables of these names.
    rubric
        The indicators.

    Returns
    -------
    The table `calibration`: over all forms, by how many others were made at the place, at dead ends and elsewhere, by
    ward (site), and in the tenth of places that the others call worst.
    """
    rated = ratings(audits.submissions, audits.observations, matches, rubric)
    parts = [] if rated.rows.empty else [part for pool in pools(rated) for part in _of_pool(pool, rubric)]
    if not parts:
        return empty_table("calibration")
    forms = pd.concat(parts, ignore_index=True)
    forms["walk"] = _walks(audits)[forms["form"]]
    told = _counted(pd.concat(_in_parts(forms, places, evidence), ignore_index=True))
    (campaign,) = rounds(audits.submissions)
    return validate_table(told.assign(campaign=campaign or ""), "calibration")


def say_calibration(calibration: pd.DataFrame, language: Language) -> str:
    """Say how often the score's intervals hold, in the light with most forms; empty where too little can be told.

    Parameters
    ----------
    calibration
        The table of this name, of one round.
    language
        In which it is said.
    """
    told = calibration[calibration["held"].notna() & (calibration["indicator"] == COMPOSITES[0])]
    every = told[told["part"] == _EVERY].nlargest(1, "forms")
    if every.empty:
        return ""
    row = every.iloc[0]
    here = told[told["group"] == row["group"]].set_index(["part", "value"])["held"]
    said = [language.say("console.held", forms=f"{row['forms']:,}", share=f"{100 * row['held']:.0f}")]
    beside = (("console.held.worst", (_WORST, "")), ("console.held.dead_ends", (_DEAD_END, "yes")))
    said += [language.say(key, share=f"{100 * here[part]:.0f}") for key, part in beside if part in here.index]
    return " ".join(said)


def _of_pool(pool: Pool, rubric: Rubric) -> Iterator[pd.DataFrame]:
    """Yield what was left out, of each indicator that was answered and of the composites."""
    answered = [pool.rated.indicators[code] for code in np.unique(pool.cells["indicator"])]
    weights = dict(zip(COMPOSITES, (rubric.weights, rubric.street_condition), strict=True))
    composites = [name for name, of in weights.items() if {*answered} & {*asked_in(pool.light, of, rubric)}]
    for name in (*answered, *composites):
        answers, codes = answers_of(pool, name, rubric)
        if answers.once.sum() < 2:  # noqa: PLR2004 - one form has no others to be told by
            continue
        left = leave_forms_out(answers, make_grid() if name in COMPOSITES else grid_of(rubric[name]))
        said = left.rating - left.error
        yield pd.DataFrame(
            {
                "indicator": name,
                "group": pool.light,
                "place_id": pool.rated.place_ids[codes[left.place]],
                "form": left.form,
                "others": np.bincount(left.place)[left.place] - 1,
                "worst": said <= np.quantile(said, 0.1),
                "held": np.abs(left.error) <= NormalDist().inv_cdf(0.5 + INTERVAL / 2) * left.deviation,
            }
        )


def _walks(audits: Audits) -> NDArray[np.int64]:
    """Return the walk of each form, by the numbers that ratings give forms."""
    return pd.factorize(walk_keys(audits.submissions))[0][order_of_forms(audits.submissions)]


def _in_parts(forms: pd.DataFrame, places: Places, evidence: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield forms once for each part of the city that they are told in."""
    yield forms.assign(part=_EVERY, value="")
    words = np.select([forms["others"] < upper for upper, _ in _OTHERS], [word for _, word in _OTHERS], default=_MANY)
    yield forms.assign(part=_NUMBER, value=words)
    yield forms[forms["worst"]].assign(part=_WORST, value="")
    ends = evidence[evidence["name"] == "dead_end"].set_index("place_id")["label"].astype("str")
    ends.index = ends.index.astype("str")
    dead_end = ends.reindex(forms["place_id"]).to_numpy(object)
    yield forms.assign(part=_DEAD_END, value=dead_end)[np.isin(dead_end, ["yes", "no"])]
    areas = find_areas(places, list_places(places, forms["place_id"].unique()).geometry)
    first = next((kind for kind in ("ward", "site") if (areas["kind"] == kind).any()), None)
    yield forms.merge(areas[areas["kind"] == first], on="place_id").assign(part=_AREA).rename(columns={"area": "value"})


def _counted(forms: pd.DataFrame) -> pd.DataFrame:
    """Return how many forms and walks each row is of, and what share of the intervals held."""
    found = forms.groupby(_ROW).agg(forms=("held", "size"), walks=("walk", "nunique"), held=("held", "mean"))
    few = (found["forms"] < LEAST_FORMS) | (found["walks"] < LEAST_WALKS)
    found["held"] = found["held"].mask(few).round(4)
    return found.assign(note=np.where(few, FEW, "")).reset_index()
