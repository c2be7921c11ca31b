"""How much memory a run may take, and what it has taken."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

# Where the system does not say how much is free: bytes.
UNKNOWN_FREE = 4 << 30
_CGROUP = Path("/sys/fs/cgroup")


def free_memory() -> int:
    """Return the bytes of memory that are free for this process, as the system or its container's bound has it."""
    free = UNKNOWN_FREE
    with suppress(OSError, ValueError, AttributeError):
        free = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free = next(1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    with suppress(OSError, ValueError):  # version 2 of control groups; `max`, which is no number, means no bound
        bound = int((_CGROUP / "memory.max").read_text(encoding="ascii"))
        free = min(free, max(bound - int((_CGROUP / "memory.current").read_text(encoding="ascii")), 0))
    return free


def budget(wanted: int | None) -> int:
    """Return the bytes that a run may take: what is wanted, else half of what is free."""
    return wanted if wanted is not None else free_memory() // 2
