"""Standard output is ours: what compiled code prints there by itself is let go."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_STDOUT = 1


@contextmanager
def silence() -> Iterator[None]:
    """Let go what is printed to the process's standard output within, by C and C++ too.

    HiGHS prints a line of its own when it mends a rounded solution, whatever it is asked: in the midst of a document.
    """
    sys.stdout.flush()
    kept, nowhere = os.dup(_STDOUT), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STDOUT)
    try:
        yield
    finally:
        # C keeps what it prints until its buffer is full: it must be gone before standard output is back.
        ctypes.CDLL(None if os.name == "posix" else "ucrtbase").fflush(None)
        os.dup2(kept, _STDOUT)
        os.close(kept)
        os.close(nowhere)
