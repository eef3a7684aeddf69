"""What evidence can say of a place: its names, units and meaning, and the one way its rows are made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from safeaudit.tables import Measure, empty_table, validate_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

FROM_MAP = "map"
FROM_AUDITS = "audits"


def evidence_rows(  # noqa: PLR0913 - what a row holds
    measure: Measure,
    place_id: pd.Series[str],
    *,
    value: ArrayLike | None = None,
    label: ArrayLike | None = None,
    coverage: ArrayLike = 1.0,
    source: str = FROM_MAP,
) -> pd.DataFrame:
    """Return what one measure says of some places, as rows of the table `evidence`.

    Parameters
    ----------
    measure
        The measure.
    place_id
        The places, each once, shape (n,).
    value
        Numbers in the measure's unit, shape (n,); NaN where it is not known.
    label
        Words, shape (n,); None where it is not known.
    coverage
        0 to 1, shape (n,) or one for all: how much of what it needs was mapped.
    source
        Where it comes from.
    """
    n = len(place_id)
    alone = np.zeros(n, dtype=np.int8)
    return pd.DataFrame(
        {
            "place_id": pd.Categorical.from_codes(np.arange(n), categories=pd.Index(place_id)),
            "name": pd.Categorical.from_codes(alone, categories=[measure.name]),
            "value": np.broadcast_to(np.nan if value is None else np.asarray(value, dtype=np.float64), n),
            "label": pd.Categorical(np.full(n, None) if label is None else pd.array(np.asarray(label), dtype="str")),
            "unit": pd.Categorical.from_codes(alone, categories=[measure.unit]),
            "source": pd.Categorical.from_codes(alone, categories=[source]),
            "coverage": np.broadcast_to(np.asarray(coverage, dtype=np.float64), n),
        }
    )


def concat_evidence(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return rows of `evidence_rows` as the table `evidence`: words once each, sorted by place and name.

    Parameters
    ----------
    frames
        Rows of several measures, or whole tables `evidence`; no place and name stands in two of them.
    """
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return empty_table("evidence")
    texts = {column: _union_words([frame[column] for frame in frames]) for column in ("place_id", "name", "label")}
    texts |= {column: _union_words([frame[column] for frame in frames]) for column in ("unit", "source")}
    numbers = {column: np.concatenate([frame[column] for frame in frames]) for column in ("value", "coverage")}
    order = np.lexsort((texts["name"].codes, texts["place_id"].codes))
    columns = {**texts, **numbers}
    return validate_table(pd.DataFrame({name: column[order] for name, column in columns.items()}), "evidence")


def read_tags(tags: pd.Series[str], *readers: Callable[[Mapping[str, str]], Any]) -> list[NDArray[np.object_]]:
    """Return what each reader makes of tags, shape (n,); every distinct text is parsed once.

    Parameters
    ----------
    tags
        What the source says of n places, JSON.
    readers
        Each makes one value of the tags of one place.
    """
    codes, texts = pd.factorize(tags)
    parsed = [json.loads(text) for text in texts]
    return [np.array([reader(one) for one in parsed], dtype=object)[codes] for reader in readers]


def _union_words(parts: Sequence[pd.Series[str]]) -> pd.Categorical:
    """Join categoricals; their words are sorted, and stand once each."""
    # Measures of one kind mostly speak of the same places: their words are gone through once.
    distinct: list[pd.Index[Any]] = []
    for part in parts:
        if not any(part.cat.categories.equals(other) for other in distinct):
            distinct.append(part.cat.categories)
    words = pd.Index(sorted(set().union(*distinct)), dtype="str")
    # Each part's codes are translated by its words, of which there are few, and not row by row; the -1 behind them
    # is for what is missing, whose code is -1.
    codes = [np.append(words.get_indexer(part.cat.categories), -1)[part.cat.codes] for part in parts]
    return pd.Categorical.from_codes(np.concatenate(codes), categories=words)
