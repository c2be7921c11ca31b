"""Maps functions over tasks in processes of this machine: the only place that knows of processes and fork."""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import chain, islice
from types import SimpleNamespace
from typing import Any, Self, TypeVar

from threadpoolctl import threadpool_limits

from newsdedup.errors import WorkerError
from newsdedup.execution import GC_THRESHOLD, OWN_THREADS

# With fewer tasks no worker process is started: starting one costs more than it saves.
MIN_TASKS_FOR_WORKERS = 2
# Tasks queued per worker: enough to keep all busy, few enough that results do not pile up.
QUEUED_PER_WORKER = 4

_Shared = TypeVar("_Shared")
_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


# The data shared with this worker process; set when it starts.
_WORKER = SimpleNamespace(shared=None)


def _start_worker(shared: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C: one message, not one per worker
    _WORKER.shared = shared
    gc.freeze()  # shared objects are not traversed, so their pages stay shared
    gc.set_threshold(GC_THRESHOLD, *gc.get_threshold()[1:])
    threadpool_limits(limits=1, user_api="blas")


def _run_task(function: Callable[[Any, _Task], _Result], task: _Task) -> _Result:
    return function(_WORKER.shared, task)


@dataclass(frozen=True)
class LocalExecutor:
    """Maps functions over tasks in at most `workers` processes of this machine; with one worker, in this process."""

    workers: int

    def with_workers(self, workers: int) -> Self:
        """Return an executor with at most `workers` processes."""
        return replace(self, workers=max(min(self.workers, workers), 1))

    def map(
        self, function: Callable[[_Shared, _Task], _Result], shared: _Shared, tasks: Iterable[_Task], /
    ) -> Generator[_Result]:
        """Yield `function(shared, task)` for each task, in the order of the tasks.

        Each worker receives `shared` once; tasks should be small, such as ranges of indices into it. A task too big
        for the pipe to the workers would make Ctrl-C hang on Python before 3.11.5 (cpython issue 94777).
        """
        remaining = iter(tasks)
        first = list(islice(remaining, max(self.workers, MIN_TASKS_FOR_WORKERS)))
        if self.workers == 1 or len(first) < MIN_TASKS_FOR_WORKERS:
            for task in chain(first, remaining):
                yield function(shared, task)
            return
        with _explain(BrokenExecutor), _open_pool(min(self.workers, len(first)), shared) as pool:
            # Workers start here and must not be interrupted themselves.
            with _explain(ConnectionError, EOFError), _hold_interrupts():
                pending: deque[Future[_Result]] = deque(pool.submit(_run_task, function, task) for task in first)
            for task in remaining:
                pending.append(pool.submit(_run_task, function, task))
                if len(pending) > QUEUED_PER_WORKER * self.workers:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()


@contextmanager
def _explain(*errors: type[Exception]) -> Iterator[None]:
    """Turn errors that mean the end of a worker, at its start or later, into a WorkerError that says what to do."""
    try:
        yield
    except errors as error:
        raise WorkerError(
            "a worker process could not be started, or was killed; set workers to 1, or, if a script calls newsdedup, "
            "do it under: if __name__ == '__main__'"
        ) from error


@contextmanager
def _hold_interrupts() -> Iterator[None]:
    """Delay Ctrl-C until the end of the block. Processes started in the block never receive it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def choose_start_method() -> str:
    """Return how to start workers: by fork where that is safe, since forked workers see `shared` without a copy.

    A fork copies only the calling thread, so locks that other threads hold stay locked for ever; on macOS the system's
    own libraries start threads. There each worker starts afresh and gets a copy of `shared`. Our own threads only
    draw progress and measure memory, which no worker does.
    """
    methods = multiprocessing.get_all_start_methods()
    threads = [thread for thread in threading.enumerate() if not thread.name.startswith(OWN_THREADS)]
    if "fork" in methods and sys.platform != "darwin" and len(threads) == 1:
        return "fork"
    return "forkserver" if "forkserver" in methods else "spawn"


@contextmanager
def _open_pool(workers: int, shared: Any) -> Iterator[ProcessPoolExecutor]:
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context(choose_start_method()),
        initializer=_start_worker,
        initargs=(shared,),
    )
    try:
        yield pool
    except BaseException:
        # After Ctrl-C or a full disk the remaining results are not needed, so do not wait for them. Before Python 3.14
        # there is no public way to stop the workers.
        for process in list((pool._processes or {}).values()):  # noqa: SLF001
            process.terminate()
        with suppress(AttributeError, OSError):  # else a half-written result would block for ever
            pool._result_queue._writer.close()  # type: ignore[attr-defined] # noqa: SLF001
        raise
    finally:
        pool.shutdown(cancel_futures=True)
