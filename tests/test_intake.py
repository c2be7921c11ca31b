"""Articles kept on disk: what comes back is what went in, under the ids and in the order that `identify` gives."""

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
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import article
from newsdedup import dedupe, load
from newsdedup.clean import clean, count_lines
from newsdedup.cli import main
from newsdedup.config import Config
from newsdedup.engine import intake, run
from newsdedup.engine.executor import Silent, spread
from newsdedup.engine.intake import outlet_lines, take_in
from newsdedup.engine.pair_scores import PairScores
from newsdedup.engine.story_builder import lone, lone_variant
from newsdedup.engine.workspace import (
    Profiles,
    Spool,
    Workspace,
    pack_article,
    pack_report,
    unpack_article,
    unpack_report,
)
from newsdedup.errors import InputError, OutputError
from newsdedup.models import Article, Lines, Rejected, Score, Skipped
from newsdedup.readers import identify
from newsdedup.render.json_text import lone_to_json, to_json
from newsdedup.tasks import chunks_of
from untidy_pages import labelled_articles

ONE = Config(workers=1)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let runs work in a folder that is looked at: whatever happened, it is empty in the end."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    if os.access(folder, os.W_OK):
        assert not list(folder.iterdir())


ids = st.sampled_from(["a", "b", "a~1", "a~b3", "é"])
made = st.builds(
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
refused = st.builds(lambda record: Rejected(path="x", record=record, reason="empty"), st.integers(1, 5))


@given(items=st.lists(made | refused | st.just(Skipped("y.md", "a .md file")), max_size=30), sharers=st.integers(1, 9))
def test_articles_are_those_that_identify_keeps(items: list[Article | Rejected | Skipped], sharers: int) -> None:
    """However few of those that share an id are held at a time."""
    expected = identify(items)
    with Workspace() as workspace, pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(intake, "SHARERS", sharers)
        found = take_in(iter(items), workspace, 1, Silent())
        assert tuple(found.articles) == expected.articles
        assert (found.repeated, found.skipped) == (expected.repeated, expected.skipped)
        assert (found.rejected, found.warnings) == (expected.rejected, expected.warnings)
        hexes = [f"{high:016x}{low:016x}" for high, low in found.content.tolist()]
        assert hexes == [each.content_hash for each in expected.articles]


def test_outlet_lines_are_those_of_the_articles() -> None:
    """Read from disk, of the carriers only, they are what counting all articles gives."""
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
        found = take_in(iter(pages), workspace, 1, Silent())
        table = outlet_lines(found)
        assert table == count_lines(found.articles)
        assert table.repeats


def test_no_text_of_an_article_or_a_report_is_lost_on_the_way() -> None:
    """All fields but the text as loaded, which a report's article is kept without."""
    odd = article(
        "odd",
        "PARIS, March 3 (Reuters) - The ferry sailed at noon, the port said.\n\nRead more: all ferries\n\nIt sank.",
        title="Ferry \ud800 sails",
        extra={"tags": ["a", {"b": None}], "n": 1.5},
        version_of="even",
        lines=Lines(first=7, text=9, header={"title": 8}, extra={"Tags": 8}),
    )
    for each in [odd, *labelled_articles().values()]:
        assert unpack_article(pack_article(each)) == each
        report = clean(each)
        back = unpack_report(pack_report(report))
        assert back.article.text == ""
        assert pickle.dumps(back.paragraphs) == pickle.dumps(report.paragraphs)
        assert (back.removed, back.dateline, back.title) == (report.removed, report.dateline, report.title)


def test_a_spool_is_read_where_it_was_written(tmp_path: Path) -> None:
    """In order, empty records too, and after more was added."""
    spool = Spool(tmp_path, "words")
    first, second = spool.add([b"one", b"", b"three"]), spool.add([b"four"])
    assert [spool.read(place) for place in first.rows] == [b"one", b"", b"three"]
    assert spool.read(second.rows[0]) == b"four"
    spool.close()
    again = pickle.loads(pickle.dumps(spool))  # noqa: S301
    assert again.read(second.rows[0]) == b"four"
    again.close()


def test_profiles_are_remembered_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last ones are not made again, and no more are kept than the bound says."""
    monkeypatch.setattr("newsdedup.engine.workspace.PROFILES_KEPT", 2)
    reports = [clean(each) for each in list(labelled_articles().values())[:4]]
    from builders import background  # noqa: PLC0415

    profiles = Profiles(reports, background())
    assert profiles[0] is profiles[0]
    kept = profiles[1]
    assert profiles[2].report is reports[2]
    assert profiles[1] is kept
    assert len(profiles._made) == 2


# -- failures ----------------------------------------------------------------------------------------------------------


def test_nothing_stays_after_an_error_in_the_input(temporary: Path) -> None:
    """What is no article ends the run, and its folder with it."""
    with pytest.raises(InputError, match="takes articles, not int"):
        dedupe([article("a", "The ferry sailed."), 7], ONE)  # type: ignore[list-item]
    assert not list(temporary.iterdir())


def test_nothing_stays_when_the_reader_of_stories_stops(temporary: Path) -> None:
    """Whatever is raised inside the block."""

    def interrupted() -> None:
        with run(labelled_articles().values(), ONE) as found:
            assert next(iter(found.stories))
            assert list(temporary.iterdir())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
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
    assert err.startswith("newsdedup: error: no temporary folder can be made: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_temporary_folder_is_one_line(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    """Wherever it is met, in a worker as well."""

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
@pytest.mark.parametrize("where", ["candidates.Path.write_bytes", "pipeline.spool.np.ascontiguousarray"])
def test_a_disk_that_fills_up_later_is_one_line(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, where: str, workers: int
) -> None:
    """While pairs are looked for, and while columns are written."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(f"newsdedup.{where}", full)
    path = Path(__file__).parent / "data" / "labelled.jsonl"
    assert main(["ingest", str(path), "--workers", str(workers)]) == 2
    err = capfd.readouterr().err
    assert err.startswith("newsdedup: error: the temporary folder cannot be written: No space left")
    assert err.count("\n") == 1


def test_ctrl_c_leaves_no_folder(tmp_path: Path) -> None:
    """While the workers work: exit 130, and nothing of the run is left."""
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


def _squares(offset: int, at: range) -> list[int]:
    return [offset + i * i for i in at]


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 5, 100])
def test_work_comes_back_in_order(workers: int, count: int) -> None:
    """As many tasks as there are, from whatever gives them, however many wait."""
    out = [x for part in spread(_squares, 3, iter(chunks_of(count, 2)), workers) for x in part]
    assert out == [3 + i * i for i in range(count)]


def test_results_do_not_pile_up() -> None:
    """Tasks are taken only as results are: a slow writer does not make the memory grow."""
    taken = []

    def tasks() -> Iterator[range]:
        for i in range(100):
            taken.append(i)
            yield range(i, i + 1)

    results = spread(_squares, 0, tasks(), 2)
    next(results)
    assert len(taken) < 20
    results.close()


STOPPED = """
from newsdedup.engine.executor import spread

def much(size, at):
    return bytes(size)

results = spread(much, 1 << 26, (range(i, i + 1) for i in range(20)), 2)
next(results)
results.close()
print("ended")
"""


def test_who_stops_in_the_middle_of_an_answer_does_not_hang() -> None:
    """A worker that is ended while it hands over more than a pipe holds leaves half an answer behind."""
    command = [sys.executable, "-c", STOPPED]
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
    """With a unit; too little or no size at all is refused in one line."""
    (tmp_path / "a.txt").write_text("The ferry sailed.", encoding="utf-8")
    assert main(["ingest", str(tmp_path), "--memory", given_size, "-q"]) == code
    assert capfd.readouterr().err.count("\n") == (code > 0)


def test_what_scoring_found_out_need_not_be_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stories are told the same with and without the standings of the pairs that were scored."""
    articles = list(labelled_articles().values())
    first = dedupe(articles, ONE)
    asked: list[bool] = []
    known = PairScores.of_pair

    def noted(standings: PairScores, base: int, other: int) -> Score | None:
        asked.append((found := known(standings, base, other)) is not None)
        return found

    monkeypatch.setattr(PairScores, "of_pair", noted)
    assert dedupe(articles, ONE) == first
    assert sum(asked) > len(asked) / 2
    monkeypatch.setattr(PairScores, "of_pair", lambda *_: None)
    assert dedupe(articles, ONE) == first


def test_little_memory_gives_the_same_stories(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pairing in many parts changes nothing."""
    articles = list(labelled_articles().values())
    first = dedupe(articles, ONE)
    monkeypatch.setattr("newsdedup.engine.matching.budget", lambda _: 1 << 12)
    assert dedupe(articles, ONE) == first


# -- lone stories ------------------------------------------------------------------------------------------------------

texts = st.text(alphabet=st.sampled_from('aé”。… \x7f\x85\u2028\ud800\n"\\中'), max_size=30)


@given(paragraphs=st.lists(st.lists(texts.filter(bool), min_size=1, max_size=3).map(tuple), max_size=3), title=texts)
def test_a_lone_story_is_written_as_any_other(paragraphs: list[tuple[str, ...]], title: str) -> None:
    """The quick way gives the bytes of the general one, whatever the text holds."""
    from dataclasses import replace  # noqa: PLC0415

    report = replace(clean(article("a\x7f", "The ferry sailed.", title=title)), paragraphs=tuple(paragraphs))
    story = lone(report).model_copy(update={"story_id": "0" * 16})
    assert lone_to_json(report, lone_variant(report), "0" * 16, ()) == to_json(story)


def test_lines_are_the_stories() -> None:
    """Merged and lone ones, with their links, by any number of workers."""
    path = Path(__file__).parent / "data" / "labelled.jsonl"
    for workers in (1, 2):
        with run(load([str(path)]), Config(workers=workers)) as found:
            lines = b"".join(found.json_lines()).decode().splitlines()
            assert lines == [to_json(story) for story in found.stories]
            assert np.all(np.diff(found.stories.sizes) <= 0)
