"""Paths given by the user: files, folders, globs, standard input; which are skipped, refused, or read only once."""

from __future__ import annotations

import gzip
import io
import os
import sys
from pathlib import Path

import pytest
from load_files import load_files, summarise_items

from newsdedup.config import Config
from newsdedup.errors import InputError
from newsdedup.models import Article, Skipped
from newsdedup.readers import load
from newsdedup.readers.formats import FORMATS, find_formats, list_endings


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


FOLDER: dict[str, str | bytes] = {
    "in/b.txt": "B.",
    "in/a.TXT": "A.",
    "in/sub/c.jsonl": '{"text": "C."}',
    "in/sub.txt": "D.",
    "in/README.md": "Not news.",
    "in/notes.log": "Not news.",
    "in/.hidden.txt": "Not news.",
    "in/.git/x.txt": "Not news.",
}
SKIPPED = {
    "in/.git skipped: hidden name",
    "in/.hidden.txt skipped: hidden name",
    "in/README.md skipped: .md file",
    "in/notes.log skipped: unknown extension",
}
FOUND = ["in/a.TXT: A.", "in/b.txt: B.", "in/sub/c.jsonl: C.", "in/sub.txt: D."]


def split_skipped(lines: list[str]) -> tuple[list[str], set[str]]:
    """Return the articles, and the skipped files with the reason cut off at the first bracket."""
    return [x for x in lines if "skipped" not in x], {x.split(" (")[0] for x in lines if "skipped" in x}


@pytest.mark.parametrize("typed", ["in", "in/", "in//"])
def test_a_folder_is_searched_recursively_and_sorted(tmp_path: Path, typed: str) -> None:
    assert split_skipped(summarise_items(load_files(tmp_path, FOLDER, typed))) == (FOUND, SKIPPED)


def test_the_path_is_as_typed(empty_folder: Path) -> None:
    load_files(empty_folder, FOLDER)
    for typed, expected in {
        "./in": "./in/a.TXT",
        ".": "./in/a.TXT",
        "in/../in/a.TXT": "in/../in/a.TXT",
        str(empty_folder / "in"): f"{empty_folder}/in/a.TXT",
    }.items():
        first = next(item for item in load([typed]) if isinstance(item, Article))
        assert (first.path, first.article_id) == (expected, expected)


def test_a_path_object_and_a_single_path_will_do(empty_folder: Path) -> None:
    load_files(empty_folder, {"a.txt": "A."})
    assert summarise_items(list(load([Path("a.txt")]))) == summarise_items(list(load("a.txt"))) == ["a.txt: A."]


@pytest.mark.parametrize("name", ["README.md", "notes.log", ".hidden.txt", "plain", "a.html.gz"])
def test_a_file_named_explicitly_is_always_read(tmp_path: Path, name: str) -> None:
    assert summarise_items(load_files(tmp_path, {name: "A."})) == [f"{name}: A."]


def test_a_named_file_is_not_skipped_in_its_folder_in_any_order(tmp_path: Path) -> None:
    for paths in (["in/notes.log", "in"], ["in", "./in/notes.log"], ["in/*.log", "in"]):
        lines, skipped = split_skipped(summarise_items(load_files(tmp_path, FOLDER, *paths)))
        assert len(lines) == len(FOUND) + 1
        assert skipped == SKIPPED - {"in/notes.log skipped: unknown extension"}


@pytest.mark.parametrize(
    "paths",
    [
        ["a.txt", "./a.txt"],
        ["a.txt", "a.txt"],
        ["a.txt", "."],
        ["*.txt", "a.txt"],
        ["a.txt", "link.txt"],
        ["a.txt", "to"],
    ],
)
def test_a_file_reached_twice_is_read_once_under_the_first_path(empty_folder: Path, paths: list[str]) -> None:
    load_files(empty_folder, {"a.txt": "A."})
    (empty_folder / "link.txt").symlink_to("a.txt")
    (empty_folder / "to").symlink_to(".")
    assert summarise_items(list(load(paths))) == ["a.txt: A."]


def test_a_loop_of_links_ends(empty_folder: Path) -> None:
    load_files(empty_folder, {"in/sub/a.txt": "A."})
    (empty_folder / "in" / "sub" / "up").symlink_to("..")
    (empty_folder / "in" / "self.txt").symlink_to("self.txt")
    lines = summarise_items(list(load(["in"])))
    assert lines[0].startswith("in/self.txt 1 rejected: dangling link")
    assert lines[1:] == ["in/sub/a.txt: A."]


def test_a_dangling_link_in_a_folder_or_under_a_glob_is_rejected(empty_folder: Path) -> None:
    load_files(empty_folder, {"in/b.txt": "B."})
    (empty_folder / "in" / "a.txt").symlink_to("nowhere")
    expected = ["in/a.txt 1 rejected: dangling link: its target does not exist", "in/b.txt: B."]
    assert summarise_items(list(load(["in"]))) == summarise_items(list(load(["in/*.txt"]))) == expected


def test_globs_are_sorted_and_may_be_recursive(tmp_path: Path) -> None:
    assert summarise_items(load_files(tmp_path, FOLDER, "in/*.txt")) == ["in/b.txt: B.", "in/sub.txt: D."]
    assert summarise_items(load_files(tmp_path, FOLDER, "in/**/*.jsonl")) == ["in/sub/c.jsonl: C."]
    assert summarise_items(load_files(tmp_path, FOLDER, "in/[rn]*")) == ["in/notes.log: Not news."]


def test_a_path_that_exists_is_no_glob(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"a[1].txt": "Literal.", "a1.txt": "Matched."}
    assert summarise_items(load_files(tmp_path, files, "a[1].txt")) == ["a[1].txt: Literal."]


MISSING = {
    "file": ("none.txt", "none.txt does not exist; name a file"),
    "below a file": ("a.txt/b", "a.txt/b does not exist; name a file"),
    "glob": ("*.csv", r"no file matches '\*.csv'; check the pattern"),
    "link": ("dangling", "dangling is a dangling link; name a file"),
    "NUL": ("a\0", "cannot be read: embedded null byte"),
}


@pytest.mark.parametrize(("path", "message"), MISSING.values(), ids=MISSING)
def test_a_named_path_that_does_not_exist_is_an_error_before_anything_is_read(
    empty_folder: Path, path: str, message: str
) -> None:
    load_files(empty_folder, {"a.txt": "A."})
    (empty_folder / "dangling").symlink_to("nowhere")
    with pytest.raises(InputError, match=message) as caught:
        load(["a.txt", path])  # not iterated
    assert "\n" not in str(caught.value)


def test_nothing_is_read_before_the_first_item_is_asked_for(empty_folder: Path) -> None:
    load_files(empty_folder, {"a.txt": "A."})
    items = load(["a.txt"])
    (empty_folder / "a.txt").write_text("Changed.")
    assert summarise_items(list(items)) == ["a.txt: Changed."]


def test_a_folder_without_articles_yields_nothing(empty_folder: Path) -> None:
    (empty_folder / "empty").mkdir()
    assert list(load(["empty"])) == []
    assert list(load([])) == []


def test_a_pipe_in_a_folder_is_skipped(empty_folder: Path) -> None:
    (empty_folder / "in").mkdir()
    os.mkfifo(empty_folder / "in" / "a.txt")
    assert list(load(["in"])) == [Skipped("in/a.txt", "not a regular file")]


def test_what_cannot_be_opened_is_rejected_and_the_rest_goes_on(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_files(empty_folder, {"a.txt": "A.", "b.txt": "B."})

    def refuse(path: str, mode: str) -> io.BufferedReader:
        if path == "a.txt":
            raise PermissionError(13, "Permission denied", path)
        return Path(path).open(mode)  # type: ignore[return-value]

    monkeypatch.setattr(sys.modules["newsdedup.readers"], "open", refuse, raising=False)
    assert summarise_items(list(load(["a.txt", "b.txt"]))) == [
        "a.txt 1 rejected: cannot be read: Permission denied",
        "b.txt: B.",
    ]


def test_a_folder_that_cannot_be_listed_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> list[str]:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "listdir", refuse)
    assert summarise_items(list(load(["."]))) == [". 1 rejected: folder cannot be read: Permission denied"]


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has names that are not Unicode")
def test_a_name_that_is_not_unicode_can_be_printed(empty_folder: Path) -> None:
    """Its bytes are printed, so that two such names stay distinct."""
    for name, text in ((b"caf\xe8.txt", "A."), (b"caf\xe9.txt", "B.")):
        (empty_folder / os.fsdecode(name)).write_text(text)
    assert summarise_items(list(load(["."]))) == [r"./caf\xe8.txt: A.", r"./caf\xe9.txt: B."]


CONTENT = {
    "text": "Text.",
    "json": '{"text": "Text."}',
    "jsonl": '{"text": "Text."}',
    "csv": "text,x\nText.,\n",
    "tsv": "text\tx\nText.\t\n",
}


@pytest.mark.parametrize("compressed", ["", ".gz", ".GZ"])
@pytest.mark.parametrize("ending", list_endings())
def test_each_extension_names_a_format_also_compressed(empty_folder: Path, ending: str, compressed: str) -> None:
    (name,) = find_formats(f"a{ending}")
    content = CONTENT[name].encode()
    (empty_folder / f"a{ending}{compressed}").write_bytes(gzip.compress(content) if compressed else content)
    assert summarise_items(list(load(["."]))) == [f"./a{ending}{compressed}: Text."]


@pytest.mark.parametrize("input_format", FORMATS)
def test_the_input_format_overrides_the_name_also_in_folders(tmp_path: Path, input_format: str) -> None:
    files: dict[str, str | bytes] = {
        "in/a.log": CONTENT[input_format],
        "in/b.csv": CONTENT[input_format],
        "in/c.md": "",
    }
    lines = summarise_items(load_files(tmp_path, files, "in", input_format=input_format))
    assert lines == ["in/a.log: Text.", "in/b.csv: Text.", "in/c.md skipped: .md file"]


STDIN = {
    "text": (b"Title: T\n\nOne.", ["-: One."]),
    "several texts": (b"One.\fTwo.", ["-#1: One.", "-#2: Two."]),
    "json lines": (b'\n{"text": "One."}\n{"text": "Two."}\n', ["-#1: One.", "-#2: Two."]),
    "one json object": (b' {"text":\n "One."}', ["-: One."]),
    "json array": (b'\xef\xbb\xbf[{"text": "One."}]', ["-: One."]),
    "json in utf-16": ('{"text": "One."}'.encode("utf-16"), ["-: One."]),
    "nothing": (b"", ["- 1 rejected: empty file"]),
    "white space": (b" \n", ["- 1 rejected: empty file"]),
}


class Pipe(io.RawIOBase):
    """A pipe as standard input: it cannot be rewound, and gives a few bytes at a time."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def readable(self) -> bool:
        """Say so."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Give three bytes."""
        part, self._data = self._data[:3], self._data[3:]
        buffer[: len(part)] = part
        return len(part)


@pytest.mark.parametrize(("data", "expected"), STDIN.values(), ids=STDIN)
def test_standard_input_is_text_unless_it_opens_as_json(data: bytes, expected: list[str]) -> None:
    assert summarise_items(list(load(["-"], stdin=io.BufferedReader(Pipe(data))))) == expected
    assert summarise_items(list(load(["-", "-"], stdin=io.BytesIO(data)))) == expected


def test_standard_input_may_be_given_a_format_and_stays_open() -> None:
    stdin = io.BytesIO(b"text,id\nOne.,7\n")
    assert summarise_items(list(load(["-"], Config.model_validate({"input_format": "csv"}), stdin=stdin))) == [
        "7: One."
    ]
    assert not stdin.closed


def test_standard_input_is_the_process_own_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"One.")))
    assert summarise_items(list(load(["-"]))) == ["-: One."]
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(InputError, match="there is none"):
        load(["-"])


def test_json_lines_from_a_pipe_are_not_held_whole() -> None:
    """The first record is yielded before more than the sample has been read."""

    class Endless(io.RawIOBase):
        sent_bytes = 0

        def readable(self) -> bool:
            """Say so."""
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            """Give another record."""
            record = b'{"text": "One."}\n'
            part = record[: len(buffer)]
            buffer[: len(part)] = part
            self.sent_bytes += len(part)
            return len(part)

    pipe = Endless()
    items = load(["-"], stdin=io.BufferedReader(pipe))
    assert summarise_items([next(items)]) == ["-#1: One."]
    assert pipe.sent_bytes < 1_000_000


@pytest.mark.parametrize("name", ["a.txt", "a.json", "a.jsonl", "a.csv", "a.tsv"])
@pytest.mark.parametrize("content", ["", " \n\t\r\n", "\ufeff"], ids=["empty", "white space", "byte order mark"])
def test_an_empty_file_is_rejected_once(tmp_path: Path, name: str, content: str) -> None:
    assert summarise_items(load_files(tmp_path, {name: content})) == [f"{name} 1 rejected: empty file"]


def test_a_broken_gzip_file_keeps_what_was_read_before_the_break(empty_folder: Path) -> None:
    lines = "".join(f'{{"text": "{os.urandom(9).hex()}"}}\n' for _ in range(30_000)).encode()
    data = gzip.compress(lines)
    broken = {
        "cut.jsonl.gz": data[: len(data) // 2],
        "sum.jsonl.gz": data[:-8] + b"\0\0\0\0" + data[-4:],
        "torn.jsonl.gz": data[: len(data) // 2] + b"\xff" * 100 + data[len(data) // 2 + 100 :],
    }
    for name, content in broken.items():
        (empty_folder / name).write_bytes(content)
        *before, last = summarise_items(list(load([name])))
        assert last.startswith(f"{name} {len(before) + 1} rejected: broken gzip file: ")
        assert len(before) > 10_000
        assert all("rejected" not in line for line in before[:10_000])


def test_a_small_gzip_file_cut_short_keeps_its_whole_lines(empty_folder: Path) -> None:
    data = gzip.compress(b'{"text": "One."}\n{"text": "Two."}\n')
    (empty_folder / "a.jsonl.gz").write_bytes(data[:-8])
    assert summarise_items(list(load(["a.jsonl.gz"]))) == [
        "a.jsonl.gz#1: One.",
        "a.jsonl.gz#2: Two.",
        "a.jsonl.gz 3 rejected: broken gzip file: it ends too early",
    ]


def test_one_record_before_a_break_was_not_the_only_one(empty_folder: Path) -> None:
    data = gzip.compress(b'{"text": "One."}\n{"text": ' + os.urandom(99_999).hex().encode())
    (empty_folder / "a.jsonl.gz").write_bytes(data[: len(data) // 2])
    assert summarise_items(list(load(["a.jsonl.gz"])))[0] == "a.jsonl.gz#1: One."


@pytest.mark.parametrize("name", ["a.txt.gz", "a.jsonl.gz"])
def test_what_is_no_gzip_file_is_rejected(empty_folder: Path, name: str) -> None:
    (empty_folder / name).write_bytes(b"One.")
    (line,) = summarise_items(list(load([name])))
    assert line.startswith(f"{name} 1 rejected: broken gzip file: Not a gzipped file")


def test_an_error_while_reading_is_a_rejection_after_what_was_read() -> None:
    class Failing(io.BytesIO):
        failed = False

        def read1(self, size: int | None = -1, /) -> bytes:
            """Return all data, then fail once."""
            data = super().read1(-1 if size is None else size)
            if not data and not self.failed:
                self.failed = True
                raise OSError(5, "Input/output error")
            return data

    stdin = Failing(b'{"text": "One."}\n{"text": "Two."}\n{"text": ')
    assert summarise_items(list(load(["-"], Config.model_validate({"input_format": "jsonl"}), stdin=stdin))) == [
        "-#1: One.",
        "-#2: Two.",
        "- 3 rejected: cannot be read: Input/output error",
    ]
