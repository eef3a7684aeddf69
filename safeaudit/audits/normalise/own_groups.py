"""What people say of themselves in answer to the questions of their own city."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from safeaudit.audits.normalise.coded import Coded, constant
from safeaudit.config import answer_code
from safeaudit.contributors import MARK, STOP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from safeaudit.audits.normalise.chunk import Chunk
    from safeaudit.config import OwnGroup

_UNKNOWN = "?"


def read_own_groups(chunk: Chunk, groups: Mapping[str, OwnGroup]) -> Coded:
    """Read the answers to all questions, as "tenure: owner; work: vendor"; what is none of the answers is left out."""
    nothing = Coded(constant(np.int32(0), chunk.n), ("",))
    said = [_read(chunk, name, group) for name, group in groups.items() if name in chunk.columns]
    return reduce(_beside, said) if said else nothing


def _read(chunk: Chunk, name: str, group: OwnGroup) -> Coded:
    """Return the answers of one question with its name before each."""
    known = {answer_code(text): f"{name}{MARK}{text}" for text in group.answers}
    said = chunk.coded(name).changed(lambda text: known.get(answer_code(text), _UNKNOWN) if text else "")
    chunk.remarks.count(
        f"{{n}} answers for {name} are none of {', '.join(group.answers)}, such as {{first}}; they are left out.",
        said.where(_UNKNOWN),
        chunk.column(name),
    )
    return said.changed(lambda text: "" if text == _UNKNOWN else text)


def _beside(first: Coded, second: Coded) -> Coded:
    """Return the texts of two columns in one; each pair of texts once."""
    pairs, codes = np.unique(first.codes.astype(np.int64) * len(second.texts) + second.codes, return_inverse=True)
    left, right = np.divmod(pairs, len(second.texts))
    texts = (STOP.join(filter(None, (first.texts[a], second.texts[b]))) for a, b in zip(left, right, strict=True))
    return Coded(codes.astype(np.int32), tuple(texts))
