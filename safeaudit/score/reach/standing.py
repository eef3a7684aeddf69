"""Which places meet the standard of an indicator, drawn together from the posterior."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from safeaudit.score.estimate import STANDARD_SCORE, answers_of, pools
from safeaudit.score.model import draw, make_grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from safeaudit.config import ScoreSettings
    from safeaudit.rubric import Rubric
    from safeaudit.score.equations import Answers
    from safeaudit.score.estimate import Pool
    from safeaudit.score.ratings import Ratings

    Flags = NDArray[np.bool_]

_SEED = 20_130_913
_SEEDS = {("segment", "day"): 0, ("segment", "dark"): 1, ("space", "day"): 2, ("space", "dark"): 3}
"""Of each pool its own: what is drawn of one must not depend on whether there is another."""


def draw_standing(  # noqa: PLR0913 - what is asked, and the settings as keywords
    rated: Ratings,
    name: str,
    light: str,
    looked_at: pd.Index,
    *,
    rubric: Rubric,
    settings: ScoreSettings,
    draws: int,
) -> Flags:
    """Draw which places meet the standard.

    Parameters
    ----------
    rated
        What was rated in one round.
    name, light
        An indicator or `STREET_CONDITION`, in the light day or dark.
    looked_at
        Ids of segments and spaces that have a score of it in that light.
    rubric, settings
        The indicators, and the standard.
    draws
        How often.

    Returns
    -------
    Whether each place meets it in each draw, shape (places, draws). What auditors and the city have in common is the
    same for all segments of a draw, and for all spaces; segments and spaces, day and dark are independent.
    """
    standard = settings.standard.get(name, STANDARD_SCORE) / 100
    meets = np.zeros((len(looked_at), draws), dtype=bool)
    kinds = rated.kinds[pd.Index(rated.place_ids).get_indexer(looked_at)]
    for pool in pools(rated):
        kind = str(pool.rated.kinds[pool.cells["place"].iloc[0]])
        wanted = np.flatnonzero(kinds == kind)
        if pool.light == light and len(wanted):
            answered = answers_of(pool, name, rubric)
            drawn = _draw(pool, answered, looked_at[wanted], draws=draws, seed=_SEED + _SEEDS[kind, light])
            meets[wanted] = np.maximum(drawn, 0) >= standard
    return meets


def _draw(
    pool: Pool, answered: tuple[Answers, NDArray[np.int64]], place_ids: pd.Index, *, draws: int, seed: int
) -> NDArray[np.float64]:
    """Draw what some places of a pool may be, shape (places, draws)."""
    answers, places = answered
    code = pd.Index(pool.rated.place_ids[places]).get_indexer(place_ids)
    drawn = draw(answers, code, make_grid(), draws=draws, seed=seed)
    # They come in the order of the grid: mixed, or those of two pools would seem related.
    return np.random.default_rng(seed).permutation(drawn).T
