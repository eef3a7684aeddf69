"""Numbers of every row, kept while a file streams by: no more memory than they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_KINDS = {"id": np.uint64, "form_hash": np.uint64, "flags": np.uint8, "line": np.uint32}


class Ledger:
    """Identity, flags and line of each row, in the order they came: 21 bytes a row."""

    def __init__(self) -> None:
        self._written = {name: bytearray() for name in _KINDS}

    def add(self, columns: Mapping[str, NDArray[Any]]) -> None:
        """Write the rows of a chunk down."""
        for name, kind in _KINDS.items():
            self._written[name] += columns[name].astype(kind, copy=False).tobytes()

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return what was written, by name; nothing can be added any more."""
        return {name: np.frombuffer(self._written[name], dtype=kind) for name, kind in _KINDS.items()}
