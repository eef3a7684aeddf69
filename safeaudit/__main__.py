"""The program: `safeaudit` on the command line, and `python -m safeaudit` for where that is not on the path.

What belongs to a whole process is set here and nowhere else: whoever calls the library or a command from their own
program keeps their environment and their allocator.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress

from safeaudit.cli import main
from safeaudit.files.gdal import restrict_gdal

_M_MMAP_THRESHOLD = -3
_LARGE_BYTES = 1024**2


def start() -> None:
    """Set the process up and do what the command line says."""
    restrict_gdal()
    _use_one_thread()
    _return_large_arrays()
    main()


def _use_one_thread() -> None:
    """Have linear algebra use one thread: sums come out the same on every computer, and on a busy one far sooner.

    Its matrices are small. Where anything else runs its threads wait for each other: estimates of 6 s took 47 s. Numpy
    reads this as it is loaded, which is later.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _return_large_arrays() -> None:
    """Have glibc give large arrays back to the system when they are done with.

    Left to itself it raises the size above which it does so, and keeps them: `run --quick` of Makati peaks at
    136 MiB instead of 126, 0.54 of the peer's in `bench/quick_vs_script.py` instead of 0.50.
    """
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):  # other C libraries know no mallopt
            ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


if __name__ == "__main__":
    start()
