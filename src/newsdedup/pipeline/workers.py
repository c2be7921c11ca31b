"""Work in chunks, here or over several processes, and what shows how far it is."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from threadpoolctl import threadpool_limits

from newsdedup.background import Background
from newsdedup.clean import EMPTY_TABLE, LineTable
from newsdedup.models import Article
from newsdedup.profile import Profile
from newsdedup.score import Model

# Articles and pairs that are worth a process of their own; under that, starting it costs more than it saves.
ARTICLES_A_CHUNK = 200
PAIRS_A_CHUNK = 1000
STORIES_A_CHUNK = 20
WORTH_WORKERS = 2

_Item = TypeVar("_Item")
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
    """What the workers work on: the same for all, handed over once.

    Tasks hold only places in these sequences. A task too big for the pipe to the workers would make Ctrl-C hang on
    Python before 3.11.5 (cpython issue 94777).
    """

    background: Background
    model: Model
    articles: Sequence[Article] = ()
    table: LineTable = EMPTY_TABLE
    profiles: Sequence[Profile] = ()


@dataclass
class _Worker:
    """The resources of this process; set when it starts."""

    resources: Resources | None = field(default=None)


_WORKER = _Worker()


def _start_worker(resources: Resources) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle: one line, not one a worker
    _WORKER.resources = resources
    threadpool_limits(limits=1, user_api="blas")


def _call(task: tuple[Callable[[Resources, Sequence[_Item]], _Out], Sequence[_Item]]) -> _Out:
    function, items = task
    assert _WORKER.resources is not None  # noqa: S101 - every process starts with _start_worker
    return function(_WORKER.resources, items)


def in_chunks(
    function: Callable[[Resources, Sequence[_Item]], _Out],
    items: Sequence[_Item],
    size: int,
    resources: Resources,
    workers: int,
    progress: Progress,
) -> Iterator[_Out]:
    """Yield `function(resources, chunk)` for each chunk of `items`, in order, whatever the number of workers."""
    chunks = [items[start : start + size] for start in range(0, len(items), size)]
    if workers == 1 or len(chunks) < WORTH_WORKERS:
        for chunk in chunks:
            yield function(resources, chunk)
            progress.advance(len(chunk))
        return
    with _pool(min(workers, len(chunks)), resources) as pool:
        with _interrupts_held():  # all workers start here, and must never be interrupted themselves
            results = pool.map(_call, [(function, chunk) for chunk in chunks])
        for chunk, out in zip(chunks, results, strict=True):
            yield out
            progress.advance(len(chunk))


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
def _pool(workers: int, resources: Resources) -> Iterator[ProcessPoolExecutor]:
    # With fork the resources are shared as they are; elsewhere each worker gets a copy once.
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    pool = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context(method), initializer=_start_worker, initargs=(resources,)
    )
    try:
        yield pool
    except BaseException:
        # Ctrl-C, a full disk: the rest is not wanted, so nobody waits for it.
        for process in list((pool._processes or {}).values()):  # noqa: SLF001 - there is no public way before Python 3.14
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
