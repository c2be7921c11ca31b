"""Work in parts: done here, or by the worker processes that a run hands in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

_Shared = TypeVar("_Shared")
_Task = TypeVar("_Task")
_Out = TypeVar("_Out")


class TaskRun(Protocol):
    """What does tasks, here or in other processes."""

    def __call__(
        self, function: Callable[[_Shared, _Task], _Out], shared: _Shared, tasks: Iterable[_Task], /
    ) -> Iterator[_Out]:
        """Yield what the function makes of what is shared and of each task, in order."""


def here(function: Callable[[_Shared, _Task], _Out], shared: _Shared, tasks: Iterable[_Task], /) -> Iterator[_Out]:
    """Do tasks one after the other."""
    return (function(shared, task) for task in tasks)


def chunks_of(count: int, size: int) -> list[range]:
    """Return the places 0 to `count` in ranges of `size`."""
    return [range(start, min(start + size, count)) for start in range(0, count, size)]
