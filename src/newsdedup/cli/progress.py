"""Progress for people: bars on a terminal, a line a stage with -v, else nothing."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, Self

from newsdedup.cli.profiling import Sampled, cpu_seconds
from newsdedup.cli.verbosity import Session, complain

if TYPE_CHECKING:
    from rich.progress import TaskID

_log = logging.getLogger("newsdedup.progress")
_REFRESH = 0.1
"""Seconds between two updates of a bar: a stage may advance a million times."""


class Progress(Protocol):
    """What the pipeline reports to; the same shape as `newsdedup.engine.Progress`, which is not imported here."""

    def stage(self, name: str, total: int | None) -> None:
        """Begin a stage of `total` steps, None where nobody knows."""

    def advance(self, steps: int = 1) -> None:
        """Go on by so many steps."""


class Lines:
    """One log line for each stage that ends: what `-v` shows off a terminal."""

    def __init__(self) -> None:
        self._name = ""
        self._done = 0
        self._began = 0.0

    def stage(self, name: str, total: int | None) -> None:  # noqa: ARG002 - part of the interface
        """Log the stage before and begin the next."""
        self.close()
        self._name, self._done, self._began = name, 0, time.perf_counter()

    def advance(self, steps: int = 1) -> None:
        """Count."""
        self._done += steps

    def close(self) -> None:
        """Log the last stage."""
        if self._name:
            _log.info("%s: %s in %.2f s", self._name, f"{self._done:,}", time.perf_counter() - self._began)
        self._name = ""


class Bars:
    """One bar a stage on stderr; all gone from the screen when the block ends."""

    def __init__(self) -> None:
        from rich.console import Console  # noqa: PLC0415 - a terminal only
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
        from rich.progress import Progress as RichProgress  # noqa: PLC0415

        columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._shown = RichProgress(*columns, console=Console(file=sys.stderr), transient=True)
        self._task: TaskID | None = None
        self._waiting = 0
        self._last = 0.0

    def __enter__(self) -> Self:
        """Begin to show."""
        self._shown.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bars off the screen."""
        self._shown.stop()

    def stage(self, name: str, total: int | None) -> None:
        """Finish the bar of the stage before and begin the next."""
        self._finish()
        self._task = self._shown.add_task(name, total=total)

    def advance(self, steps: int = 1) -> None:
        """Move the bar, at most every `_REFRESH` seconds."""
        self._waiting += steps
        now = time.monotonic()
        if self._task is not None and now - self._last >= _REFRESH:
            self._last = now
            self._shown.advance(self._task, self._waiting)
            self._waiting = 0

    def _finish(self) -> None:
        if self._task is None:
            return
        self._shown.advance(self._task, self._waiting)
        self._waiting = 0
        done = int(next(task.completed for task in self._shown.tasks if task.id == self._task))
        self._shown.update(self._task, total=done, completed=done)
        self._shown.stop_task(self._task)


class Profiled:
    """Measures every stage, and prints a table of them at the end: what `--profile` shows."""

    def __init__(self) -> None:
        self._stages: list[tuple[str, int, float, float, int]] = []
        self._name = ""
        self._memory = Sampled()

    def stage(self, name: str, total: int | None) -> None:  # noqa: ARG002 - part of the interface
        """End the stage before and begin the next."""
        self._end()
        self._name, self._steps, self._began, self._cpu = name, 0, time.perf_counter(), cpu_seconds()

    def advance(self, steps: int = 1) -> None:
        """Count."""
        self._steps += steps

    def _end(self) -> None:
        if self._name:
            wall, cpu = time.perf_counter() - self._began, cpu_seconds() - self._cpu
            self._stages.append((self._name, self._steps, wall, cpu, self._memory.peak()))

    def close(self) -> None:
        """Print the table."""
        self._end()
        self._memory.close()
        complain(f"{'stage':<12}{'done':>12}{'seconds':>10}{'cpu':>10}{'memory':>12}")
        for name, steps, wall, cpu, memory in self._stages:
            complain(f"{name:<12}{steps:>12,}{wall:>10.2f}{cpu:>10.2f}{memory / (1 << 20):>8,.0f} MiB")


@contextmanager
def progress(session: Session, *, profile: bool = False) -> Iterator[Progress | None]:
    """Yield what shows progress in this session, or None; a bar is gone from the screen when the block ends."""
    if profile:
        measured = Profiled()
        yield measured
        measured.close()
    elif session.shows_progress:
        with Bars() as bars:
            yield bars
    elif session.verbose and not session.quiet:
        lines = Lines()
        yield lines
        lines.close()
    else:
        yield None
