"""`newsdedup store ...` and `ingest --store` at the command line, over our own seeds."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest

from builders import SEEDS
from newsdedup.cli import main
from newsdedup.store import Store

FERRY = "ferry-update.txt"


class StoreCli:
    """A store and what the last command printed."""

    def __init__(self, path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.path, self.capfd = path, capfd
        self.stdout = self.stderr = ""

    def __call__(self, *argv: str, code: int = 0) -> str:
        """Run a command on the store; returns what it printed."""
        self.capfd.readouterr()
        assert main([*argv, "--store", str(self.path)]) == code
        self.stdout, self.stderr = self.capfd.readouterr()
        return self.stdout

    def story(self, name: str) -> str:
        """Return the id of the story of an article of the seeds."""
        return str(json.loads(self("store", "explain", seed_path(name), "-f", "json"))["story_id"])


def seed_path(name: str) -> str:
    return f"{SEEDS.as_posix()}/{name}"


@pytest.fixture
def cli(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> StoreCli:
    cli = StoreCli(tmp_path / "s.db", capfd)
    cli("ingest", str(SEEDS), "-f", "jsonl", "--workers", "1")
    return cli


def test_a_run_prints_the_stories_that_it_changed(cli: StoreCli) -> None:
    """Each with its change; the summary counts articles and stories."""
    lines = [json.loads(line) for line in cli.stdout.splitlines()]
    assert len(lines) == 17
    assert {line["change"] for line in lines} == {"new"}
    assert (
        "24 records: 24 new articles, 0 already stored, 0 rejected; stories: 17 new; the store holds 24 articles"
        in cli.stderr
    )
    assert cli("ingest", str(SEEDS), "-f", "jsonl") == ""
    assert "0 new articles, 24 already stored, 0 rejected; stories: none changed" in cli.stderr


@pytest.mark.parametrize("output_format", ["text", "markdown", "json", "csv"])
def test_every_format_says_what_changed(cli: StoreCli, output_format: str, tmp_path: Path) -> None:
    path = tmp_path / "again.txt"
    path.write_text((SEEDS / FERRY).read_text(encoding="utf-8").replace("Karsholm", "Karsholm harbour"), "utf-8")
    assert "grown" in cli("ingest", str(path), "-f", output_format)


def test_the_store_may_be_named_by_the_environment(cli: StoreCli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDEDUP_STORE", str(cli.path))
    cli.capfd.readouterr()
    assert main(["store", "stats"]) == 0
    assert "articles  24" in cli.capfd.readouterr().out


def test_export_equals_ingest_without_a_store(cli: StoreCli) -> None:
    for output_format in ("jsonl", "json", "csv", "markdown"):
        exported = cli("store", "export", "-f", output_format)
        cli.capfd.readouterr()
        main(["ingest", str(SEEDS), "-f", output_format, "-q"])
        plain = cli.capfd.readouterr().out
        if output_format == "json":  # files left out and such are counted by the run alone
            assert json.loads(exported)["stories"] == json.loads(plain)["stories"]
        else:
            assert exported == plain


def test_decisions_are_applied_listed_and_undone(cli: StoreCli) -> None:
    story = cli.story(FERRY)
    output = cli("store", "split", story, seed_path("ferry-reprint.txt"))
    assert [line.split()[0] for line in output.splitlines()] == ["split", "split"]
    split_story = cli.story("ferry-reprint.txt")
    assert split_story != story == cli.story(FERRY)
    cli("ingest", str(SEEDS), "-q")
    cli("store", "rebuild")
    assert cli.story("ferry-reprint.txt") == split_story
    assert "decided by a person" in cli("store", "explain", seed_path("ferry-reprint.txt"))
    assert f"1  {json.loads(cli('store', 'decisions', '-f', 'json'))[0]['at']}  split" in cli("store", "decisions")
    assert cli("store", "undo", "1").startswith(f"joined {story}")
    assert cli.story("ferry-reprint.txt") == story
    assert json.loads(cli("store", "show", split_story, "-f", "jsonl"))["story_id"] == story  # the old id resolves
    assert "became" in cli("store", "history", split_story)
    assert "was already undone at" in (cli("store", "undo", "1", code=2) or cli.stderr)


def test_joined_stories_stay_one(cli: StoreCli) -> None:
    story, other = cli.story(FERRY), cli.story("bridge-closure.txt")
    assert cli("store", "join", story, other).startswith("joined ")
    assert cli.story(FERRY) == cli.story("bridge-closure.txt") == cli.story("ferry-abridged.txt")
    cli("store", "split", cli.story(FERRY), seed_path("bridge-closure.txt"))
    assert cli.story(FERRY) != cli.story("bridge-closure.txt")  # the later decision holds
    assert cli("store", "verify").endswith("no problems\n")


def test_forgotten_articles_are_gone(cli: StoreCli) -> None:
    cli("store", "forget", seed_path(FERRY))
    assert "1 article and 0 stories removed; stories: 1 updated; the store holds 23 articles" in cli.stderr
    assert "no article" in (cli("store", "explain", seed_path(FERRY), code=2) or cli.stderr)
    cli("store", "forget", "--before", "2100")
    assert "no stories changed" not in cli.stderr
    assert re.search(r"\d+ articles and \d+ stories removed", cli.stderr)
    assert cli("store", "verify").endswith("no problems\n")
    assert "--before DATE" in (cli("store", "forget", code=2) or cli.stderr)
    assert "is not a date" in (cli("store", "forget", "--before", "yesterday", code=2) or cli.stderr)


def test_explain_gives_the_stage_for_each_neighbour(cli: StoreCli) -> None:
    explanation = json.loads(cli("store", "explain", seed_path(FERRY), "-f", "json"))
    assert {neighbour["article_id"] for neighbour in explanation["members"]} == {
        seed_path(f"ferry-{name}.txt") for name in ("agency", "reprint", "abridged")
    }
    assert {neighbour["stage"] for neighbour in explanation["members"]} == {"score"}
    assert all(not neighbour["same_story"] for neighbour in explanation["nearest"])


def test_verify_finds_inconsistent_tables(cli: StoreCli) -> None:
    with sqlite3.connect(cli.path) as db:
        db.execute(
            "UPDATE articles SET story = (SELECT max(story) FROM stories) WHERE article_id LIKE '%ferry-reprint%'"
        )
    db.close()
    assert "does not match the clusters of its pairs" in cli("store", "verify", code=1)
    with sqlite3.connect(cli.path) as db:
        db.execute("DELETE FROM packs")
    db.close()
    assert "24 articles without columns" in cli("store", "verify", code=1)


@pytest.mark.parametrize(
    ("table", "column", "commands"),
    [
        ("texts", "record", (("export",), ("rebuild",))),
        ("postings", "data", (("explain", seed_path(FERRY)),)),
        ("packs", "rows", (("explain", seed_path(FERRY)), ("export",))),
        ("packs", "lines", (("forget", seed_path(FERRY)), ("rebuild",))),
    ],
)
def test_overwritten_bytes_are_reported(
    cli: StoreCli, table: str, column: str, commands: tuple[tuple[str, ...], ...]
) -> None:
    """A command that reads them reports the damage in one line; `verify` finds it."""
    with sqlite3.connect(cli.path) as db:
        (data,) = db.execute(f"SELECT {column} FROM {table} LIMIT 1").fetchone()  # noqa: S608 - ours
        damaged_data = data[:40] + b"\x00\x01\x02\x03" + data[44:]
        db.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (damaged_data, data))  # noqa: S608
    db.close()
    assert cli("store", "verify", code=1).endswith(": 1 problem\n")
    for argv in commands:
        cli("store", *argv, code=2)
        assert "damaged" in cli.stderr
        assert cli.stderr.count("\n") == 1


def test_every_command_works_on_an_empty_store(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Such as one whose first run was killed."""
    cli = StoreCli(tmp_path / "s.db", capfd)
    with Store(cli.path):
        pass
    assert "articles  0" in cli("store", "stats")
    assert cli("store", "verify").endswith("no problems\n")
    assert cli("store", "export") == ""
    assert json.loads(cli("store", "export", "-f", "json"))["stories"] == []
    assert main(["check", str(SEEDS / FERRY), "--against", str(cli.path)]) == 0
    cli("store", "rebuild")
    cli("ingest", str(SEEDS), "-q", "-f", "jsonl")
    assert "articles  24" in cli("store", "stats")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("show", "0123456789abcdef"), "there is no story 0123456789abcdef"),
        (("history", "x"), "there is no story x"),
        (("explain", "ferry-update"), "did you mean"),
        (("undo", "9"), "there is no decision 9"),
        (("join", "x", "y"), "there is no story x"),
    ],
)
def test_an_unknown_id_is_reported_in_one_line(cli: StoreCli, argv: tuple[str, ...], message: str) -> None:
    cli("store", *argv, code=2)
    assert message in cli.stderr
    assert cli.stderr.count("\n") == 1


def test_new_articles_are_checked_against_a_store(cli: StoreCli, tmp_path: Path) -> None:
    """Of the store only the neighbours are read."""
    path = tmp_path / "new.txt"
    path.write_text((SEEDS / FERRY).read_text(encoding="utf-8"), "utf-8")
    cli.capfd.readouterr()
    before = cli.path.read_bytes()
    assert main(["check", str(path), "--against", str(cli.path)]) == 1
    assert "ND101" in cli.capfd.readouterr().out
    assert cli.path.read_bytes() == before
    assert main(["check", str(SEEDS / "earnings-tallmere.txt"), "--against", str(cli.path), "--select", "ND1"]) == 0
