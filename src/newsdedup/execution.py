"""The two protocols that every run is given, `Executor` and `Progress`, and a plain version of each.

Stages map functions over chunks with an `Executor` and know nothing of processes; the caller of a run chooses one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, Self, TypeVar

_Shared = TypeVar("_Shared")
_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


class Executor(Protocol):
    """Maps functions over tasks, in this process or in others."""

    @property
    def workers(self) -> int:
        """The number of tasks that can run at a time."""

    def map(
        self, function: Callable[[_Shared, _Task], _Result], shared: _Shared, tasks: Iterable[_Task], /
    ) -> Iterator[_Result]:
        """Yield `function(shared, task)` for each task, in order. Each worker receives `shared` once."""

    def with_workers(self, workers: int) -> Self:
        """Return an executor of the same kind that runs at most `workers` tasks at a time."""


class SerialExecutor:
    """Runs tasks one after the other in this process."""

    workers = 1

    def map(
        self, function: Callable[[_Shared, _Task], _Result], shared: _Shared, tasks: Iterable[_Task], /
    ) -> Iterator[_Result]:
        """Yield `function(shared, task)` for each task."""
        return (function(shared, task) for task in tasks)

    def with_workers(self, workers: int) -> Self:  # noqa: ARG002 - there is one worker however many are allowed
        """Return this executor."""
        return self


SERIAL = SerialExecutor()

GC_THRESHOLD = 100_000
"""Allocations between two runs of the garbage collector in a process of the tool, which makes next to no reference
cycles. The thousands of objects of a long text are not traversed again and again."""

OWN_THREADS = "newsdedup-"
"""Prefix of the names of threads that hold no lock a worker process may need."""


class Progress(Protocol):
    """Receives the progress of a run."""

    def stage(self, name: str, total: int | None) -> None:
        """Announce the start of a stage, and its number of steps if known."""

    def advance(self, steps: int = 1) -> None:
        """Report that `steps` more steps are done."""


class NoProgress:
    """Progress that is not shown."""

    def stage(self, name: str, total: int | None) -> None:
        """Ignore the stage."""

    def advance(self, steps: int = 1) -> None:
        """Ignore the steps."""


def split_range(count: int, size: int) -> list[range]:
    """Return the indices 0 to `count` in ranges of `size`."""
    return [range(start, min(start + size, count)) for start in range(0, count, size)]


def split_by_size(sizes: Iterable[int], target: int) -> Iterator[range]:
    """Yield ranges of indices of `sizes` that sum to about `target`."""
    start, end, total = 0, 0, 0
    for end, size in enumerate(sizes, 1):
        total += size
        if total >= target:
            yield range(start, end)
            start, total = end, 0
    if start < end:
        yield range(start, end)
