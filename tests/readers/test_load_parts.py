"""Input in parts: split files give the same records as reading them in one go."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdedup.config import Config
from newsdedup.models import Loaded
from newsdedup.readers import Part, load, load_part, parts

RECORDS = [json.dumps({"id": f"r{n}", "text": f"The {n}th ferry left at noon.", "no": n}) for n in range(40)]


def load_in_parts(path: Path, config: Config, folder: Path) -> tuple[list[Loaded], int]:
    """Return the records of all parts of a file, and the number of parts."""
    parts_or_rejections = load([str(path)], config).iter_parts(folder)
    assert parts_or_rejections is not None
    every = list(parts_or_rejections)
    records = [item for part in every for item in (load_part(part, config) if isinstance(part, Part) else [part])]
    return records, len(every)


def shrink_blocks(monkeypatch: pytest.MonkeyPatch, size: int = 200) -> None:
    """Make blocks so small that a few lines fill several."""
    monkeypatch.setattr(parts, "BLOCK_BYTES", size)


LINES = {
    "plain": "\n".join(RECORDS) + "\n",
    "no end": "\n".join(RECORDS),
    "blank lines": "\n\n".join(RECORDS[:20]) + "\n \t\n\u00a0\n" + "\n".join(RECORDS[20:]),
    "windows": "\r\n".join(RECORDS) + "\r\n",
    "old macintosh": "\r".join(RECORDS) + "\n" + "\n".join(RECORDS),
    "broken lines": "\n".join([*RECORDS[:9], '{"text": ', "[1]", "7", *RECORDS[9:]]),
    "byte order mark": "\ufeff" + "\n".join(RECORDS),
    "one record and blank lines": RECORDS[0] + "\n" * 900,
    "blank lines before": "\n" * 900 + "\n".join(RECORDS),
    "long line in the middle": "\n".join([*RECORDS[:9], json.dumps({"text": "a " * 3000}), *RECORDS[9:]]),
    "one long line": json.dumps({"text": "ferry " * 3000}),
    "no record": "\n" * 2000,
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", LINES)
def test_parts_hold_the_records_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, packed: bool
) -> None:
    """Numbers, lines and ids included."""
    shrink_blocks(monkeypatch)
    path = tmp_path / ("news.jsonl.gz" if packed else "news.jsonl")
    data = LINES[name].encode()
    path.write_bytes(gzip.compress(data) if packed else data)
    config = Config(max_record_chars=4000)
    items, _ = load_in_parts(path, config, tmp_path)
    assert items == list(load([str(path)], config))


def test_a_file_is_split_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests above would also pass if files were never split."""
    shrink_blocks(monkeypatch)
    path = tmp_path / "news.jsonl"
    path.write_text(LINES["plain"], encoding="utf-8")
    assert load_in_parts(path, Config(), tmp_path)[1] > 5


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "latin-1"])
def test_other_encodings_stay_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    """The encoding could not be detected from a block of such a file."""
    shrink_blocks(monkeypatch)
    path = tmp_path / "news.jsonl"
    path.write_text("\n".join(record.replace("noon", "midi à la fenêtre") for record in RECORDS), encoding=encoding)
    items, count = load_in_parts(path, Config(), tmp_path)
    assert (items, count) == (list(load([str(path)], Config())), 1)


def test_a_gzip_file_that_ends_too_early_keeps_what_came_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One rejection for the rest has the number of the next record."""
    shrink_blocks(monkeypatch)
    noise = [json.dumps({"text": f"{hash_like(n)} sailed."}) for n in range(20_000)]
    path = tmp_path / "news.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(noise).encode())[:-4000])
    items, count = load_in_parts(path, Config(), tmp_path)
    last = items[-1]
    assert count > 2
    assert [item.record for item in items] == list(range(1, len(items) + 1))  # type: ignore[union-attr]
    assert "ends too early" in getattr(last, "reason", "")


def hash_like(n: int) -> str:
    """Return a word that compresses badly."""
    return f"{n * 2654435761 % 4294967296:x}{n * 40503 % 65536:x}"


def test_standard_input_and_started_iterators_cannot_be_split(tmp_path: Path) -> None:
    """`iter_parts` returns None, and the caller reads on."""
    path = tmp_path / "news.jsonl"
    path.write_text(LINES["plain"], encoding="utf-8")
    begun = load([str(path)], Config())
    next(begun)
    assert begun.iter_parts(tmp_path) is None
    with (tmp_path / "news.jsonl").open("rb") as stream:
        assert load(["-"], Config(), stdin=stream).iter_parts(tmp_path) is None


@given(lines=st.lists(st.sampled_from(["", " ", "{}", '{"text": "a b"}', "\x1c", "é", "\r", "[]"]), max_size=40))
def test_any_lines_are_counted_alike(lines: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Counting and reading agree on which lines are blank and so not records."""
    folder = tmp_path_factory.mktemp("lines")
    path = folder / "news.jsonl"
    path.write_bytes("\n".join(lines).encode())
    with pytest.MonkeyPatch.context() as monkeypatch:
        shrink_blocks(monkeypatch, 8)
        items, _ = load_in_parts(path, Config(), folder)
    assert items == list(load([str(path)], Config()))
