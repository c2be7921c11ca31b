"""How much memory a run may use."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

# Bytes assumed to be free if the system does not say.
DEFAULT_FREE = 4 << 30
_CGROUP = Path("/sys/fs/cgroup")


def free_memory() -> int:
    """Return the bytes of memory free for this process, by the system's figure and the limit of its container."""
    free = DEFAULT_FREE
    with suppress(OSError, ValueError, AttributeError):
        free = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free = next(1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    with suppress(OSError, ValueError):  # control groups version 2; the value `max` is not a number and means no limit
        limit = int((_CGROUP / "memory.max").read_text(encoding="ascii"))
        free = min(free, max(limit - int((_CGROUP / "memory.current").read_text(encoding="ascii")), 0))
    return free


def memory_budget(limit: int | None) -> int:
    """Return the bytes that a run may use: `limit` if given, else half of the free memory."""
    return limit if limit is not None else free_memory() // 2
