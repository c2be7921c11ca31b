"""Work in chunks, here or over several processes, and what shows how far it is."""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol, TypeVar

from threadpoolctl import threadpool_limits

from newsdedup.features import Profile
from newsdedup.idf import Background
from newsdedup.score import Model

# Articles and pairs that are worth a process of their own; under that, starting it costs more than it saves.
ARTICLES_A_CHUNK = 200
PAIRS_A_CHUNK = 500
WORTH_WORKERS = 2
# Objects that are made before a worker looks for those that hang in rings, of which it makes next to none.
GARBAGE = 100_000
# Tasks that wait for each worker: enough that none is idle, few enough that what comes back does not pile up.
WAITING = 4

_Shared = TypeVar("_Shared")
_Task = TypeVar("_Task")
_Out = TypeVar("_Out")


class Progress(Protocol):
    """What shows the user where a run is."""

    def stage(self, name: str, total: int | None) -> None:
        """Tell that a stage begins, with its number of steps where it is known."""

    def advance(self, steps: int = 1) -> None:
        """Tell that so many steps are done."""


class Silent:
    """Shows nothing."""

    def stage(self, name: str, total: int | None) -> None:
        """Pass over it."""

    def advance(self, steps: int = 1) -> None:
        """Pass over it."""


@dataclass(frozen=True)
class Resources:
    """What pairs are scored with: the same for all workers, handed over once."""

    background: Background
    model: Model
    profiles: Sequence[Profile] = ()


@dataclass
class _Worker:
    """What this process works on; set when it starts."""

    shared: Any = field(default=None)


_WORKER = _Worker()


def _start_worker(shared: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle: one line, not one a worker
    _WORKER.shared = shared
    gc.freeze()  # what is shared is never looked through, and so stays shared
    gc.set_threshold(GARBAGE, *gc.get_threshold()[1:])
    threadpool_limits(limits=1, user_api="blas")


def _call(function: Callable[[Any, _Task], _Out], task: _Task) -> _Out:
    return function(_WORKER.shared, task)


def spread(
    function: Callable[[_Shared, _Task], _Out], shared: _Shared, tasks: Iterable[_Task], workers: int
) -> Generator[_Out]:
    """Yield `function(shared, task)` for each task, in order, whatever the number of workers.

    Tasks should be places, and `shared`, which each worker gets once, what they are places in. A task too big for the
    pipe to the workers would make Ctrl-C hang on Python before 3.11.5 (cpython issue 94777).
    """
    rest = iter(tasks)
    first = list(islice(rest, max(workers, WORTH_WORKERS)))
    if workers == 1 or len(first) < WORTH_WORKERS:
        for task in first:
            yield function(shared, task)
        for task in rest:
            yield function(shared, task)
        return
    with _pool(min(workers, len(first)), shared) as pool:
        with _interrupts_held():  # all workers start here, and must never be interrupted themselves
            waiting: deque[Future[_Out]] = deque(pool.submit(_call, function, task) for task in first)
        for task in rest:
            waiting.append(pool.submit(_call, function, task))
            if len(waiting) > WAITING * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let Ctrl-C wait for the end of the block; processes started in it never see one."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _pool(workers: int, shared: Any) -> Iterator[ProcessPoolExecutor]:
    # With fork what is shared is there as it is; elsewhere each worker gets a copy once.
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    pool = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context(method), initializer=_start_worker, initargs=(shared,)
    )
    try:
        yield pool
    except BaseException:
        # Ctrl-C, a full disk: the rest is not wanted, so nobody waits. There is no public way before Python 3.14.
        for process in list((pool._processes or {}).values()):  # noqa: SLF001
            process.terminate()
        with suppress(AttributeError, OSError):  # else a worker's half an answer would be waited for for ever
            pool._result_queue._writer.close()  # type: ignore[attr-defined] # noqa: SLF001
        raise
    finally:
        pool.shutdown(cancel_futures=True)
