"""Progress display: bars on a terminal, one line per stage with -v, else nothing."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from newsdedup.cli.profiling import MemorySampler, measure_cpu_seconds
from newsdedup.cli.verbosity import Session, write_stderr
from newsdedup.execution import OWN_THREADS, Progress

if TYPE_CHECKING:
    from rich.progress import TaskID

_log = logging.getLogger("newsdedup.progress")
_REFRESH_INTERVAL = 0.1
"""Seconds between two updates of a bar: a stage may advance a million times."""


class StageLog:
    """Logs one line for each stage that ends: what `-v` shows without a terminal."""

    def __init__(self) -> None:
        self._name = ""
        self._steps = 0
        self._start = 0.0

    def stage(self, name: str, total: int | None) -> None:  # noqa: ARG002 - part of the interface
        """End the previous stage and begin the next."""
        if self._name:
            self._end_stage()
        self._name, self._steps, self._start = name, 0, time.perf_counter()

    def advance(self, steps: int = 1) -> None:
        """Count."""
        self._steps += steps

    def _end_stage(self) -> None:
        _log.info("%s: %s in %.2f s", self._name, f"{self._steps:,}", time.perf_counter() - self._start)

    def close(self) -> None:
        """End the last stage."""
        if self._name:
            self._end_stage()


class StageProfiler(StageLog):
    """Measures every stage and prints a table of them at the end: what `--profile` shows."""

    def __init__(self) -> None:
        super().__init__()
        self._stages: list[tuple[str, int, float, float, int]] = []
        self._sampler = MemorySampler()
        self._cpu = 0.0

    def stage(self, name: str, total: int | None) -> None:
        """End the previous stage and begin the next."""
        super().stage(name, total)
        self._cpu = measure_cpu_seconds()

    def _end_stage(self) -> None:
        wall, cpu = time.perf_counter() - self._start, measure_cpu_seconds() - self._cpu
        self._stages.append((self._name, self._steps, wall, cpu, self._sampler.take_peak()))

    def close(self) -> None:
        """Print the table."""
        super().close()
        self._sampler.close()
        write_stderr(f"{'stage':<12}{'done':>12}{'seconds':>10}{'cpu':>10}{'memory':>12}")
        for name, steps, wall, cpu, memory in self._stages:
            write_stderr(f"{name:<12}{steps:>12,}{wall:>10.2f}{cpu:>10.2f}{memory / (1 << 20):>8,.0f} MiB")


class ProgressBars:
    """Shows one bar per stage on stderr; all are erased when the block ends."""

    def __init__(self) -> None:
        from rich.console import Console  # noqa: PLC0415 - a terminal only
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
        from rich.progress import Progress as RichProgress  # noqa: PLC0415

        columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._display = RichProgress(*columns, console=Console(file=sys.stderr), transient=True, auto_refresh=False)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._refresh, name=f"{OWN_THREADS}progress", daemon=True)
        self._task: TaskID | None = None
        self._pending_steps = 0
        self._last_update = 0.0

    def __enter__(self) -> Self:
        """Start the display."""
        self._display.start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Erase the bars."""
        self._stopped.set()
        self._thread.join()
        self._display.stop()

    def _refresh(self) -> None:
        while not self._stopped.wait(_REFRESH_INTERVAL):
            self._display.refresh()

    def stage(self, name: str, total: int | None) -> None:
        """Finish the bar of the previous stage and begin the next."""
        self._finish_bar()
        self._task = self._display.add_task(name, total=total)

    def advance(self, steps: int = 1) -> None:
        """Move the bar, at most every `_REFRESH_INTERVAL` seconds."""
        self._pending_steps += steps
        now = time.monotonic()
        if self._task is not None and now - self._last_update >= _REFRESH_INTERVAL:
            self._last_update = now
            self._display.advance(self._task, self._pending_steps)
            self._pending_steps = 0

    def _finish_bar(self) -> None:
        if self._task is None:
            return
        self._display.advance(self._task, self._pending_steps)
        self._pending_steps = 0
        completed = int(next(task.completed for task in self._display.tasks if task.id == self._task))
        self._display.update(self._task, total=completed, completed=completed)
        self._display.stop_task(self._task)


@contextmanager
def show_progress(session: Session, *, profile: bool = False) -> Iterator[Progress | None]:
    """Yield the progress display of this session, or None. It is closed when the block ends."""
    if profile:
        profiler = StageProfiler()
        yield profiler
        profiler.close()
    elif session.shows_progress:
        with ProgressBars() as bars:
            yield bars
    elif session.verbose and not session.quiet:
        log = StageLog()
        yield log
        log.close()
    else:
        yield None
