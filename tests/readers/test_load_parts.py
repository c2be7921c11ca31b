"""Input in parts: whatever is parted gives the records that reading it in one go gives."""

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


def in_parts(path: Path, config: Config, folder: Path) -> tuple[list[Loaded], int]:
    """Return what the parts of a file hold, and how many parts there are."""
    found = load([str(path)], config).parts(folder)
    assert found is not None
    every = list(found)
    records = [item for part in every for item in (load_part(part, config) if isinstance(part, Part) else [part])]
    return records, len(every)


def small(monkeypatch: pytest.MonkeyPatch, size: int = 200) -> None:
    """Let blocks be small, so that few lines are several."""
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
    small(monkeypatch)
    path = tmp_path / ("news.jsonl.gz" if packed else "news.jsonl")
    data = LINES[name].encode()
    path.write_bytes(gzip.compress(data) if packed else data)
    config = Config(max_record_chars=4000)
    found, _ = in_parts(path, config, tmp_path)
    assert found == list(load([str(path)], config))


def test_a_file_is_parted_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests above would hold for whole files too."""
    small(monkeypatch)
    path = tmp_path / "news.jsonl"
    path.write_text(LINES["plain"], encoding="utf-8")
    assert in_parts(path, Config(), tmp_path)[1] > 5


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "latin-1"])
def test_other_encodings_stay_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    """A block of such a file could not tell its encoding."""
    small(monkeypatch)
    path = tmp_path / "news.jsonl"
    path.write_text("\n".join(each.replace("noon", "midi à la fenêtre") for each in RECORDS), encoding=encoding)
    found, count = in_parts(path, Config(), tmp_path)
    assert (found, count) == (list(load([str(path)], Config())), 1)


def test_a_gzip_file_that_ends_too_early_keeps_what_came_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One rejection for the rest, under the number of the record that would have come."""
    small(monkeypatch)
    noise = [json.dumps({"text": f"{hash_like(n)} sailed."}) for n in range(20_000)]
    path = tmp_path / "news.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(noise).encode())[:-4000])
    found, count = in_parts(path, Config(), tmp_path)
    last = found[-1]
    assert count > 2
    assert [item.record for item in found] == list(range(1, len(found) + 1))  # type: ignore[union-attr]
    assert "ends too early" in getattr(last, "reason", "")


def hash_like(n: int) -> str:
    """Return a word that compresses badly."""
    return f"{n * 2654435761 % 4294967296:x}{n * 40503 % 65536:x}"


def test_standard_input_and_what_was_begun_cannot_be_parted(tmp_path: Path) -> None:
    """Whoever asks gets None and goes on reading."""
    path = tmp_path / "news.jsonl"
    path.write_text(LINES["plain"], encoding="utf-8")
    begun = load([str(path)], Config())
    next(begun)
    assert begun.parts(tmp_path) is None
    with (tmp_path / "news.jsonl").open("rb") as stream:
        assert load(["-"], Config(), stdin=stream).parts(tmp_path) is None


@given(lines=st.lists(st.sampled_from(["", " ", "{}", '{"text": "a b"}', "\x1c", "é", "\r", "[]"]), max_size=40))
def test_any_lines_are_counted_alike(lines: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is a blank line, and so no record, is the same for whoever counts and whoever reads."""
    folder = tmp_path_factory.mktemp("lines")
    path = folder / "news.jsonl"
    path.write_bytes("\n".join(lines).encode())
    with pytest.MonkeyPatch.context() as monkeypatch:
        small(monkeypatch, 8)
        found, _ = in_parts(path, Config(), folder)
    assert found == list(load([str(path)], Config()))
