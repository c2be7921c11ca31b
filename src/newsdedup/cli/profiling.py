"""CPU time and memory of this process and its workers, the memory sampled while they run."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from pathlib import Path

from newsdedup.execution import OWN_THREADS

_SAMPLE_INTERVAL = 0.2
"""Minimum seconds between two samples of memory."""
_MAX_CPU_SHARE = 0.02
"""Maximum share of a core that sampling may take: a sample of much memory takes long."""


def measure_cpu_seconds() -> float:
    """Return the CPU time in seconds of this process and of its workers that have ended."""
    return sum(os.times()[:4])


def measure_memory() -> int:
    """Return the bytes that this process and its children use, shared ones counted once; 0 without /proc."""
    total = 0
    pending = [os.getpid()]
    while pending:
        process = Path("/proc") / str(pending.pop())
        with suppress(OSError, ValueError):
            for task in (process / "task").iterdir():
                pending += [int(child) for child in (task / "children").read_text(encoding="ascii").split()]
        with suppress(OSError, ValueError, StopIteration):
            lines = (process / "smaps_rollup").read_text(encoding="ascii").splitlines()
            total += 1024 * next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total


class MemorySampler:
    """Samples the memory used, in a thread of its own."""

    def __init__(self) -> None:
        self._peak = measure_memory()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._sample_until_closed, name=f"{OWN_THREADS}memory", daemon=True)
        self._thread.start()

    def _sample_until_closed(self) -> None:
        duration = 0.0
        while not self._closed.wait(max(_SAMPLE_INTERVAL, duration / _MAX_CPU_SHARE)):
            start = time.perf_counter()
            self._peak = max(self._peak, measure_memory())
            duration = time.perf_counter() - start

    def take_peak(self) -> int:
        """Return the peak in bytes since the last call."""
        peak = max(self._peak, measure_memory())
        self._peak = 0
        return peak

    def close(self) -> None:
        """Stop sampling."""
        self._closed.set()
        self._thread.join()
