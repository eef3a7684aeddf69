"""How long a command takes and how much memory it needs, and how both are told."""

from __future__ import annotations

import os
import shlex
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

T = TypeVar("T")

KIB_PER_MIB = 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took: seconds on the wall, its largest resident memory, and what it printed."""

    seconds: float
    peak_mib: float
    said: str


def cost(command: Sequence[object]) -> Cost:
    """Run a command to its end; a failure ends the benchmark with what it said."""
    words = [str(word) for word in command]
    started = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{shlex.join(words)} ended with {process.returncode}:\n{said}")
    return Cost(seconds, usage.ru_maxrss / KIB_PER_MIB, said)


def interleaved(commands: Mapping[str, Sequence[object]], runs: int) -> dict[str, Cost]:
    """Return the median cost of each command, run in turns so that a slow spell of the machine meets all."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            costs[name].append(cost(command))
    return {name: _median(found) for name, found in costs.items()}


def _median(found: Sequence[Cost]) -> Cost:
    seconds = statistics.median(one.seconds for one in found)
    return Cost(seconds, statistics.median(one.peak_mib for one in found), found[-1].said)


def best(step: Callable[[], T], runs: int) -> tuple[T, float]:
    """Return what a step gives, and its seconds in the best of some runs."""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        found = step()
        times.append(time.perf_counter() - started)
    return found, min(times)


def tell(what: str, ours: float, peer: float, unit: str, wanted: str) -> None:
    """Print a figure, the peer's, their ratio and what is wanted of it."""
    figures = f"{ours:9.3f} {unit:4} peer {peer:9.3f} {unit:4} ratio {ours / peer:6.3f} (1/{peer / ours:.1f})"
    print(f"{what:34} {figures}  {wanted}", flush=True)


def tell_command() -> None:
    """Print the command that gives these figures."""
    print(f"$ python {shlex.join(sys.argv)}")
