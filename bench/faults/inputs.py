"""Let safeaudit loose on hostile inputs, one process each, and see how it ends.

    python bench/faults/inputs.py [WORD ...]

Of every attack in tests/attacks whose name holds one of the words (all, where none is given): no traceback, no error in
safeaudit itself, an end within 60 s and 2 GB, no file left behind outside the folder of outputs, and nothing asked of
the network: a proxy of ours stands for all of it, and counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from socket import create_server, socket
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from attacks import ATTACKS, Attack

SECONDS, BYTES = 60, 2 * 1024**3
FINE, REFUSED = (0, 1), 2

RUN = """
import sys
def heard(event, args):
    if event in ("socket.connect", "socket.getaddrinfo"):
        sys.stderr.write(f"ASKED THE NETWORK: {args[-1]}\\n")
sys.addaudithook(heard)
from safeaudit.cli import main
main(sys.argv[1:])
"""


class End(NamedTuple):
    """How one attack ended: what was wrong, if anything, and what it took."""

    wrong: str
    code: int
    seconds: float
    peak_bytes: int
    said: str


def main() -> None:
    """Run them all and print what went wrong, and how the rest ended."""
    words = sys.argv[1:]
    wanted = [attack for attack in ATTACKS if not words or any(word in attack.name for word in words)]
    ends, slowest, largest = Counter[str](), (0.0, ""), (0, "")
    with create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(0)
        for attack in wanted:
            end = end_of(attack, f"http://127.0.0.1:{proxy.getsockname()[1]}")
            wrong = end.wrong or ("asked the network" if _asked(proxy) else "")
            ends[wrong or {REFUSED: "refused in words"}.get(end.code, "read")] += 1
            slowest, largest = max(slowest, (end.seconds, attack.name)), max(largest, (end.peak_bytes, attack.name))
            if wrong:
                print(f"{wrong}: {attack.name}\n    {end.said[-300:]!r}", flush=True)
    print(f"{len(wanted)} hostile inputs: {dict(sorted(ends.items()))}")
    print(f"longest {slowest[0]:.1f} s ({slowest[1]}), largest {largest[0] / 1024**2:.0f} MB ({largest[1]})")


def end_of(attack: Attack, proxy: str) -> End:
    """Run one attack in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        folder, scratch = top / "town", top / "scratch"
        folder.mkdir(), scratch.mkdir()
        maker = get_context("fork").Process(
            target=attack.make, args=(folder,)
        )  # its memory is not counted as the run's
        maker.start(), maker.join()
        before = {path.name for path in folder.iterdir()}
        command = [*attack.words[:1], str(folder), *attack.words[1:]]
        out = [] if attack.words[0] == "check" else ["--out", str(top / "out")]
        environment = {
            **os.environ,
            "TMPDIR": str(scratch),
            "http_proxy": proxy,
            "https_proxy": proxy,
            "PYTHONUTF8": "1",
        }
        start = time.perf_counter()
        with (top / "said").open("w+b") as said:
            words = [sys.executable, "-c", RUN, *command, *out]
            run = subprocess.Popen(
                words, stdout=said, stderr=said, stdin=subprocess.DEVNULL, env=environment, cwd=scratch
            )
            code, peak = _wait(run, start)
            said.seek(0)
            text = said.read().decode(errors="replace") + _crash(scratch / "safeaudit-error.json")
        left = [path.name for path in (*scratch.iterdir(), *(folder.iterdir())) if path.name not in before]
        left += [str(path) for path in (top / "out").rglob(".*")]
        return End(_wrong(code, text, peak, left), code, time.perf_counter() - start, peak, text)


def _wait(run: subprocess.Popen[bytes], start: float) -> tuple[int, int]:
    """Wait for the end, or make one; return the exit code (-9 for one that was made) and the peak of memory."""
    while True:
        pid, status, used = os.wait4(run.pid, os.WNOHANG)
        if pid:
            run.returncode = os.waitstatus_to_exitcode(status)
            return run.returncode, used.ru_maxrss * 1024
        if time.perf_counter() - start > SECONDS:
            run.kill()
            _, _, used = os.wait4(run.pid, 0)
            run.returncode = -9
            return -9, used.ru_maxrss * 1024
        time.sleep(0.01)


def _wrong(code: int, text: str, peak: int, left: list[str]) -> str:
    """Return what is wrong with an end, empty where it is well."""
    usual = {"auditors.key", "releases"}
    if code == -9:
        return "no end"
    if "Traceback" in text:
        return "traceback"
    if code not in (*FINE, REFUSED):
        return f"exit {code}"
    if "ASKED THE NETWORK" in text:
        return "asked the network"
    if peak > BYTES:
        return f"{peak / 1024**2:.0f} MB"
    return f"left {sorted(set(left) - usual)}" if set(left) - usual else ""


def _crash(file: Path) -> str:
    """Return the last frames of a crash, for whoever mends it."""
    if not file.exists():
        return ""
    return str([(error["kind"], error["frames"][-3:]) for error in json.loads(file.read_bytes())["errors"]])


def _asked(proxy: socket) -> bool:
    with suppress(BlockingIOError):
        proxy.accept()
        return True
    return False


if __name__ == "__main__":
    main()
