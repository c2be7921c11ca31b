"""Articles on disk: reading returns what was written, under the ids and in the order that `resolve_ids` gives."""

from __future__ import annotations

import errno
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import article
from newsdedup import candidates, dedupe, load
from newsdedup.clean import clean, count_recurring_lines
from newsdedup.cli import main
from newsdedup.config import Config
from newsdedup.engine import intake, run_pipeline
from newsdedup.engine.executor import NoProgress, map_chunks
from newsdedup.engine.intake import find_recurring_lines, load_batch
from newsdedup.engine.pair_scores import PairScores
from newsdedup.engine.story_builder import build_lone_story, build_lone_variant
from newsdedup.engine.workspace import (
    FeatureCache,
    Spool,
    Workspace,
    pack_article,
    pack_report,
    unpack_article,
    unpack_report,
)
from newsdedup.errors import InputError, OutputError
from newsdedup.models import Article, Lines, Rejected, Score, Skipped
from newsdedup.readers import resolve_ids
from newsdedup.render.json_text import lone_to_json, to_json
from newsdedup.tasks import split_range
from untidy_pages import labelled_articles

ONE = Config(workers=1)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Make runs use a folder that must be empty after each test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    if os.access(folder, os.W_OK):
        assert not list(folder.iterdir())


ids = st.sampled_from(["a", "b", "a~1", "a~b3", "é"])
articles = st.builds(
    lambda name, text, source, path, record, published: article(
        name, text, source=source, path=path, record=record, published=published
    ),
    ids,
    st.sampled_from(["The ferry sailed.", "The ferry sank.", "It rained.", "Snow fell."]),
    st.sampled_from([None, "Courier", "Post"]),
    st.sampled_from(["one.jsonl", "two.jsonl"]),
    st.integers(1, 9),
    st.sampled_from([None, "2025-03-01", "2025-03-02", "2025"]),
)
rejections = st.builds(lambda record: Rejected(path="x", record=record, reason="empty"), st.integers(1, 5))


@given(
    items=st.lists(articles | rejections | st.just(Skipped("y.md", "a .md file")), max_size=30),
    batch_size=st.integers(1, 9),
)
def test_articles_match_those_of_resolve_ids(items: list[Article | Rejected | Skipped], batch_size: int) -> None:
    """With any number of articles of shared ids in memory at a time."""
    expected = resolve_ids(items)
    with Workspace() as workspace, pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(intake, "SAME_ID_BATCH", batch_size)
        batch = load_batch(iter(items), workspace, 1, NoProgress())
        assert tuple(batch.articles) == expected.articles
        assert (batch.repeated, batch.skipped) == (expected.repeated, expected.skipped)
        assert (batch.rejected, batch.warnings) == (expected.rejected, expected.warnings)
        hexes = [f"{high:016x}{low:016x}" for high, low in batch.content_hashes.tolist()]
        assert hexes == [expected_article.content_hash for expected_article in expected.articles]


def test_recurring_lines_match_those_of_all_articles() -> None:
    """Reading only the articles with such lines gives the same result as counting over all articles."""
    pages = [
        article(
            f"p{n}",
            f"Menu and weather\n\nThe {word} of {word}ton opened its {word} market on Sunday to great applause.\n\n"
            f"Call our tip line at any hour\n\nAbout {n * 7} {word}s were counted by the {word} office in the town.",
            title=f"{word} market opens in {word}ton",
            source="Courier" if n % 4 else None,
        )
        for n, word in enumerate(
            ("apple", "barley", "cedar", "dolphin", "ember", "falcon", "ginger", "harbour", "ivory")
        )
    ]
    with Workspace() as workspace:
        batch = load_batch(iter(pages), workspace, 1, NoProgress())
        recurring = find_recurring_lines(batch)
        assert recurring == count_recurring_lines(batch.articles)
        assert recurring.article_counts


def test_packing_keeps_all_fields() -> None:
    """All fields are kept, except the text as loaded of a report's article."""
    odd = article(
        "odd",
        "PARIS, March 3 (Reuters) - The ferry sailed at noon, the port said.\n\nRead more: all ferries\n\nIt sank.",
        title="Ferry \ud800 sails",
        extra={"tags": ["a", {"b": None}], "n": 1.5},
        version_of="even",
        lines=Lines(first=7, text=9, header={"title": 8}, extra={"Tags": 8}),
    )
    for original in [odd, *labelled_articles().values()]:
        assert unpack_article(pack_article(original)) == original
        report = clean(original)
        unpacked = unpack_report(pack_report(report))
        assert unpacked.article.text == ""
        assert pickle.dumps(unpacked.paragraphs) == pickle.dumps(report.paragraphs)
        assert (unpacked.removed, unpacked.dateline, unpacked.title) == (report.removed, report.dateline, report.title)


def test_a_spool_is_read_where_it_was_written(tmp_path: Path) -> None:
    """Records are read in order, also empty ones and after more were added."""
    spool = Spool(tmp_path, "words")
    first, second = spool.add([b"one", b"", b"three"]), spool.add([b"four"])
    assert [spool.read(place) for place in first.rows] == [b"one", b"", b"three"]
    assert spool.read(second.rows[0]) == b"four"
    spool.close()
    copy = pickle.loads(pickle.dumps(spool))  # noqa: S301
    assert copy.read(second.rows[0]) == b"four"
    copy.close()


def test_the_feature_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Features of recent reports are not computed again, and the cache never exceeds its size."""
    monkeypatch.setattr("newsdedup.engine.workspace.FEATURE_CACHE_SIZE", 2)
    reports = [clean(original) for original in list(labelled_articles().values())[:4]]
    from builders import background  # noqa: PLC0415

    features = FeatureCache(reports, background())
    assert features[0] is features[0]
    cached = features[1]
    assert features[2].report is reports[2]
    assert features[1] is cached
    assert len(features._cache) == 2


# -- failures ----------------------------------------------------------------------------------------------------------


def test_nothing_stays_after_an_error_in_the_input(temporary: Path) -> None:
    """An item that is not an article ends the run and removes its folder."""
    with pytest.raises(InputError, match="expects articles, not int"):
        dedupe([article("a", "The ferry sailed."), 7], ONE)  # type: ignore[list-item]
    assert not list(temporary.iterdir())


def test_nothing_stays_when_the_reader_of_stories_stops(temporary: Path) -> None:
    """Any exception inside the block removes the folder."""

    def interrupt_run() -> None:
        with run_pipeline(labelled_articles().values(), ONE) as run:
            assert next(iter(run.stories))
            assert list(temporary.iterdir())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt_run()
    assert not list(temporary.iterdir())


def test_a_missing_temporary_folder_is_one_line(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2, no traceback."""
    (tmp_path / "a.txt").write_text("The ferry sailed.", encoding="utf-8")

    def nowhere(**_: object) -> None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    monkeypatch.setattr("newsdedup.engine.workspace.tempfile.mkdtemp", nowhere)
    assert main(["ingest", str(tmp_path / "a.txt")]) == 2
    err = capfd.readouterr().err
    assert err.startswith("newsdedup: error: cannot create a temporary folder: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_temporary_folder_is_one_line(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    """The same message from this process and from a worker."""

    def full(*_: object) -> None:
        raise OutputError("the temporary folder cannot be written: No space left on device; name a disk with room")

    for n in range(300):
        (tmp_path / f"{n:03}.txt").write_text(f"The ferry number {n} sailed at noon.", encoding="utf-8")
    monkeypatch.setattr(Spool, "add", full)
    assert main(["ingest", str(tmp_path), "--workers", str(workers)]) == 2
    err = capfd.readouterr().err
    assert err.startswith("newsdedup: error: the temporary folder cannot be written: No space left")
    assert err.count("\n") == 1


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("where", ["candidates.Path.write_bytes", "engine.workspace.np.ascontiguousarray"])
def test_a_disk_that_fills_up_later_is_one_line(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, where: str, workers: int
) -> None:
    """During candidate search, and while columns are written."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(f"newsdedup.{where}", full)
    path = DATA / "labelled.jsonl"
    assert main(["ingest", str(path), "--workers", str(workers)]) == 2
    err = capfd.readouterr().err
    assert err.startswith("newsdedup: error: the temporary folder cannot be written: No space left")
    assert err.count("\n") == 1


def test_ctrl_c_leaves_no_folder(tmp_path: Path) -> None:
    """While workers run: exit 130, and the temporary folder is removed."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    path = tmp_path / "news.jsonl"
    with path.open("w", encoding="utf-8") as stream:
        for n in range(6000):
            lines = [
                f"The ferry number {n + k} sailed from port {n * k} at noon on Sunday, they said." for k in range(40)
            ]
            stream.write(json.dumps({"id": str(n), "text": "\n".join(lines)}) + "\n")
    command = [sys.executable, "-m", "newsdedup", "ingest", str(path), "-f", "jsonl", "--workers", "2", "-v"]
    environment = {**os.environ, "TMPDIR": str(folder)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as running:
        deadline = time.monotonic() + 60
        while not list(folder.glob("newsdedup-*/reports.*")) and time.monotonic() < deadline:
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)
    assert running.returncode == 130
    assert not list(folder.iterdir())


# -- workers -----------------------------------------------------------------------------------------------------------


def _squares(offset: int, chunk: range) -> list[int]:
    return [offset + i * i for i in chunk]


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 5, 100])
def test_results_come_in_the_order_of_tasks(workers: int, count: int) -> None:
    """For any number of tasks from an iterator, and any number of workers."""
    results = [x for part in map_chunks(_squares, 3, iter(split_range(count, 2)), workers) for x in part]
    assert results == [3 + i * i for i in range(count)]


def test_results_do_not_pile_up() -> None:
    """Tasks are started only as results are read, so a slow reader does not make memory grow."""
    started = []

    def tasks() -> Iterator[range]:
        for i in range(100):
            started.append(i)
            yield range(i, i + 1)

    results = map_chunks(_squares, 0, tasks(), 2)
    next(results)
    assert len(started) < 20
    results.close()


CLOSED_EARLY = """
from newsdedup.engine.executor import map_chunks

def make_bytes(size, chunk):
    return bytes(size)

results = map_chunks(make_bytes, 1 << 26, (range(i, i + 1) for i in range(20)), 2)
next(results)
results.close()
print("ended")
"""


def test_closing_results_early_does_not_hang() -> None:
    """A worker that is terminated while it sends more than a pipe holds leaves half a result behind."""
    command = [sys.executable, "-c", CLOSED_EARLY]
    assert subprocess.run(command, capture_output=True, timeout=60, check=True).stdout == b"ended\n"


def test_profile_prints_a_line_a_stage(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Times and memory go to stderr, the data stays as it is."""
    (tmp_path / "a.txt").write_text("The ferry sailed.", encoding="utf-8")
    assert main(["ingest", str(tmp_path), "-f", "jsonl"]) == 0
    plain = capfd.readouterr()
    assert main(["ingest", str(tmp_path), "-f", "jsonl", "--profile"]) == 0
    profiled = capfd.readouterr()
    assert profiled.out == plain.out
    stages = [line.split()[0] for line in profiled.err.splitlines()[:-1]]
    assert stages == ["stage", "load", "clean", "candidates", "score", "cluster", "merge", "related", "write"]


@pytest.mark.parametrize(("given_size", "code"), [("64MiB", 0), ("1GB", 0), ("3", 2), ("much", 2)])
def test_memory_is_a_size(tmp_path: Path, capfd: pytest.CaptureFixture[str], given_size: str, code: int) -> None:
    """With a unit; a size that is too small or invalid is rejected in one line."""
    (tmp_path / "a.txt").write_text("The ferry sailed.", encoding="utf-8")
    assert main(["ingest", str(tmp_path), "--memory", given_size, "-q"]) == code
    assert capfd.readouterr().err.count("\n") == (code > 0)


def test_stored_pair_scores_change_no_story(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stories are the same with and without the stored scores of pairs."""
    articles = list(labelled_articles().values())
    first = dedupe(articles, ONE)
    hits: list[bool] = []
    find_score = PairScores.find_score

    def record_hit(pair_scores: PairScores, base: int, variant: int) -> Score | None:
        hits.append((score := find_score(pair_scores, base, variant)) is not None)
        return score

    monkeypatch.setattr(PairScores, "find_score", record_hit)
    assert dedupe(articles, ONE) == first
    assert sum(hits) > len(hits) / 2
    monkeypatch.setattr(PairScores, "find_score", lambda *_: None)
    assert dedupe(articles, ONE) == first


def test_little_memory_gives_the_same_stories(monkeypatch: pytest.MonkeyPatch) -> None:
    """Candidate search in many partitions finds the same pairs."""
    articles = list(labelled_articles().values())
    first = dedupe(articles, ONE)
    monkeypatch.setattr("newsdedup.engine.matching.memory_budget", lambda _: 1 << 14)
    parts, bounds = [], candidates._partition_bounds

    def count_parts(chunks: Sequence[candidates.Chunk], memory: int, workers: int) -> list[int]:
        parts.append(len(partition := bounds(chunks, memory, workers)) - 1)
        return partition

    monkeypatch.setattr(candidates, "_partition_bounds", count_parts)
    assert dedupe(articles, ONE) == first
    assert parts[0] > 50


# -- lone stories ------------------------------------------------------------------------------------------------------

texts = st.text(alphabet=st.sampled_from('aé”。… \x7f\x85\u2028\ud800\n"\\中'), max_size=30)


@given(paragraphs=st.lists(st.lists(texts.filter(bool), min_size=1, max_size=3).map(tuple), max_size=3), title=texts)
def test_a_lone_story_is_rendered_like_any_other(paragraphs: list[tuple[str, ...]], title: str) -> None:
    """The fast path for lone stories gives the same bytes as the general one, for any text."""
    from dataclasses import replace  # noqa: PLC0415

    report = replace(clean(article("a\x7f", "The ferry sailed.", title=title)), paragraphs=tuple(paragraphs))
    story = build_lone_story(report).model_copy(update={"story_id": "0" * 16})
    assert lone_to_json(report, build_lone_variant(report), "0" * 16, ()) == to_json(story)


def test_json_lines_match_the_stories() -> None:
    """Merged and lone stories with their links, for any number of workers."""
    path = DATA / "labelled.jsonl"
    for workers in (1, 2):
        with run_pipeline(load([str(path)]), Config(workers=workers)) as run:
            lines = b"".join(run.json_lines()).decode().splitlines()
            assert lines == [to_json(story) for story in run.stories]
            assert np.all(np.diff(run.stories.sizes) <= 0)
