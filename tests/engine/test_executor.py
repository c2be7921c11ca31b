"""Tasks in processes of this machine: in order, on demand, and stopped cleanly."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders import article
from newsdedup import load
from newsdedup.config import Config
from newsdedup.engine import executor, open_run
from newsdedup.engine.executor import LocalExecutor, choose_start_method
from newsdedup.execution import split_range
from newsdedup.models import Article
from newsdedup.render.stories.jsonl import render_chunks
from newsdedup.store import Store
from untidy_pages import CHAIRS, KILN, labelled_articles, reprint

FRAME = "This page was set by hand on the night desk of the old mill, as every page has been."


def _squares(offset: int, chunk: range) -> list[int]:
    return [offset + i * i for i in chunk]


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 5, 100])
def test_results_come_in_the_order_of_tasks(workers: int, count: int) -> None:
    """For any number of tasks from an iterator, and any number of workers."""
    results = [x for part in LocalExecutor(workers).map(_squares, 3, iter(split_range(count, 2))) for x in part]
    assert results == [3 + i * i for i in range(count)]


def test_results_do_not_pile_up() -> None:
    """Tasks are started only as results are read, so a slow reader does not make memory grow."""
    started = []

    def tasks() -> Iterator[range]:
        for i in range(100):
            started.append(i)
            yield range(i, i + 1)

    results = LocalExecutor(2).map(_squares, 0, tasks())
    next(results)
    assert len(started) < 20
    results.close()


CLOSED_EARLY = """
from newsdedup.engine.executor import LocalExecutor

def make_bytes(size, chunk):
    return bytes(size)

results = LocalExecutor(2).map(make_bytes, 1 << 26, (range(i, i + 1) for i in range(20)))
next(results)
results.close()
print("ended")
"""


def test_closing_results_early_does_not_hang() -> None:
    """A worker that is terminated while it sends more than a pipe holds leaves half a result behind."""
    command = [sys.executable, "-c", CLOSED_EARLY]
    assert subprocess.run(command, capture_output=True, timeout=60, check=True).stdout == b"ended\n"


UNGUARDED = """
import sys
import threading
from newsdedup.engine import executor

def count(shared, chunk):
    return len(shared)

threading.Thread(target=threading.Event().wait, daemon=True).start()
if sys.argv[2:]:
    executor.choose_start_method = lambda: sys.argv[2]
list(executor.LocalExecutor(2).map(count, bytes(int(sys.argv[1])), (range(i, i + 1) for i in range(20))))
"""

KILLED = """
import os
from newsdedup.engine.executor import LocalExecutor

def stop(shared, chunk):
    os._exit(1)

list(LocalExecutor(2).map(stop, 0, (range(i, i + 1) for i in range(20))))
"""


def fail(command: list[str]) -> str:
    """Run a command that must fail soon; return its error, among what dying workers write at the same time."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    return [line for line in done.stderr.splitlines() if line.startswith("newsdedup.errors.")][-1]


@pytest.mark.parametrize(
    "arguments",
    [["1"], [str(1 << 22)], ["1", "spawn"]],
    ids=["little to share", "more than a pipe holds", "spawn"],
)
def test_a_script_without_a_guard_is_told_to_have_one(tmp_path: Path, arguments: list[str]) -> None:
    """Its workers run it instead of starting, which multiprocessing refuses; with another thread none are forked.

    It fails when the first results are read, or already when the shared data are sent.
    """
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED, encoding="utf-8")
    line = fail([sys.executable, str(script), *arguments])
    assert line.startswith("newsdedup.errors.WorkerError: a worker process could not be started")
    assert line.endswith("under: if __name__ == '__main__'")


def test_a_killed_worker_ends_the_run_in_one_line() -> None:
    """As the system does if memory runs out."""
    assert fail([sys.executable, "-c", KILLED]).startswith("newsdedup.errors.WorkerError: a worker process")


# -- start methods -----------------------------------------------------------------------------------------------------

CHOICES = """
import threading
from newsdedup.engine.executor import choose_start_method
from newsdedup.execution import OWN_THREADS

release = threading.Event()
print(choose_start_method())
threading.Thread(target=release.wait, name=OWN_THREADS + "progress").start()
print(choose_start_method())
thread = threading.Thread(target=release.wait)
thread.start()
print(choose_start_method())
release.set()
thread.join()
print(choose_start_method())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere forking is unsafe or impossible")
def test_workers_are_forked_only_without_other_threads() -> None:
    """A lock that another thread holds would stay locked in a fork for ever; our own threads hold none."""
    done = subprocess.run([sys.executable, "-c", CHOICES], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["fork", "fork", "forkserver", "fork"]


@pytest.fixture
def another_thread() -> Iterator[None]:
    """Run a thread that is none of ours during the test."""
    release = threading.Event()
    thread = threading.Thread(target=release.wait)
    thread.start()
    yield
    release.set()
    thread.join()


@pytest.mark.parametrize("platform", ["darwin", "win32", "linux"])
@pytest.mark.parametrize("methods", [["fork", "spawn", "forkserver"], ["spawn"]])
@pytest.mark.usefixtures("another_thread")
def test_workers_start_afresh_beside_another_thread(
    platform: str, methods: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the fork server where there is one."""
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: methods)
    assert choose_start_method() == methods[-1]


def test_workers_start_afresh_on_macos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own libraries start threads that Python does not know."""
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn", "fork", "forkserver"])
    assert choose_start_method() == "forkserver"


def mixed_articles() -> list[Article]:
    """Return pages with a line that recurs, reprints, copies, versions of one id and labelled articles."""
    pages = [
        article(f"page-{n}", f"{FRAME}\n\n{reprint(CHAIRS, n)}", title=f"Chairs {n % 7}", source=f"outlet {n % 2}")
        for n in range(9)
    ]
    versions = [article("kiln", "\n\n".join(KILN[n:]), source="agency", published=f"2026-04-0{n + 1}") for n in (0, 1)]
    return [*pages, *versions, *labelled_articles().values()]


def render_lines(path: Path, workers: int) -> bytes:
    """Return the stories of a file as JSON Lines; the workers read it, and every stage has several tasks."""
    config = Config(workers=workers)
    with open_run(load([str(path)], config), config) as run:
        return b"".join(render_chunks(run.stories, run.executor))


@pytest.fixture
def small_tasks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Make tasks so small that every stage has several; return a file of articles."""
    for name in (
        "engine.cleaning.ARTICLES_PER_CHUNK",
        "engine.matching.GROUPS_PER_CHUNK",
        "engine.matching.PREFILTER_CHUNK",
        "engine.pairing._MIN_PAIRS_PER_CHUNK",
        "engine.story_list.GROUPS_PER_CHUNK",
        "engine.event_links.PAIRS_PER_CHUNK",
        "engine.report_cache._FINGERPRINT_CHUNK",
    ):
        monkeypatch.setattr(f"newsdedup.{name}", 7)
    path = tmp_path / "articles.jsonl"
    rows = [
        {"id": x.article_id, "text": x.text, "title": x.title, "source": x.source, "published": x.published}
        for x in mixed_articles()
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


class MethodRecorder:
    """Records the start methods of pools."""

    def __init__(self, method: str | None) -> None:
        self.method = method
        self.methods: list[str] = []

    def choose(self) -> str:
        """Return the given start method, or the one chosen for this process."""
        self.methods.append(self.method or choose_start_method())
        return self.methods[-1]


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_every_start_method_gives_the_same_stories(
    method: str, small_tasks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything that workers are given can be pickled: spools, columns on disk, caches, the vocabulary."""
    expected = render_lines(small_tasks, 1)
    chosen = MethodRecorder(method)
    monkeypatch.setattr(executor, "choose_start_method", chosen.choose)
    assert render_lines(small_tasks, 2) == expected
    assert set(chosen.methods) == {method}
    assert len(chosen.methods) >= 6
    assert b"chairs" in expected.lower()


@pytest.mark.usefixtures("another_thread")
def test_a_process_with_threads_gets_the_same_stories(small_tasks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as a web server that calls `dedupe`."""
    expected = render_lines(small_tasks, 1)
    chosen = MethodRecorder(None)
    monkeypatch.setattr(executor, "choose_start_method", chosen.choose)
    assert render_lines(small_tasks, 2) == expected
    assert not set(chosen.methods) & {"fork"}
    assert chosen.methods


@pytest.mark.slow
def test_a_store_is_filled_by_workers_that_start_afresh(
    small_tasks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In two parts, so that stored articles are cleaned and fingerprinted again by workers; then it is verified."""
    monkeypatch.setattr(executor, "choose_start_method", MethodRecorder("spawn").choose)
    articles = [item for item in load([str(small_tasks)], Config(workers=1)) if isinstance(item, Article)]
    exports = []
    for workers in (1, 2):
        config = Config(workers=workers)
        with Store(tmp_path / f"{workers}.db", config) as store:
            store.ingest(articles[::2])
            store.ingest(articles[1::2])
            assert store.verify().problems == ()
            with store.open_export() as exported:
                exports.append(b"".join(render_chunks(exported.stories, exported.executor)))
    assert exports[0] == exports[1]
