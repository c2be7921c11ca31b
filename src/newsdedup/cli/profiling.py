"""What this process and its workers use: CPU seconds, and memory as it is sampled while they run."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

_EVERY = 0.2
"""Seconds between two samples of memory, at least."""
_SHARE = 0.02
"""Of a processor that sampling may take: of much memory a sample takes long."""


def cpu_seconds() -> float:
    """Return the CPU time of this process and of its workers that have ended."""
    return sum(os.times()[:4])


def memory_used() -> int:
    """Return the bytes that this process and its children take, shared ones counted once; 0 where nobody says."""
    found = 0
    waiting = [os.getpid()]
    while waiting:
        process = Path("/proc") / str(waiting.pop())
        with suppress(OSError, ValueError):
            for task in (process / "task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text(encoding="ascii").split()]
        with suppress(OSError, ValueError, StopIteration):
            lines = (process / "smaps_rollup").read_text(encoding="ascii").splitlines()
            found += 1024 * next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return found


class Sampled:
    """Looks at the memory used from time to time, in a thread of its own."""

    def __init__(self) -> None:
        self._highest = memory_used()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        took = 0.0
        while not self._ended.wait(max(_EVERY, took / _SHARE)):
            began = time.perf_counter()
            self._highest = max(self._highest, memory_used())
            took = time.perf_counter() - began

    def peak(self) -> int:
        """Return the most bytes that were seen since the last asking."""
        highest = max(self._highest, memory_used())
        self._highest = 0
        return highest

    def close(self) -> None:
        """Stop looking."""
        self._ended.set()
        self._thread.join()
