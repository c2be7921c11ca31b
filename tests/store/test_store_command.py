"""`newsdedup store ...` and `ingest --store` at the command line, over our own seeds."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from builders import SEEDS
from newsdedup.cli import main
from newsdedup.store import Store

FERRY = "ferry-update.txt"


class Shop:
    """A store and what the last command printed."""

    def __init__(self, path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.path, self.capfd = path, capfd
        self.out = self.err = ""

    def __call__(self, *argv: str, code: int = 0) -> str:
        """Run a command on the store; returns what it printed."""
        self.capfd.readouterr()
        assert main([*argv, "--store", str(self.path)]) == code
        self.out, self.err = self.capfd.readouterr()
        return self.out

    def story(self, name: str) -> str:
        """Return the id of the story of an article of the seeds."""
        return str(json.loads(self("store", "explain", article(name), "-f", "json"))["story_id"])


def article(name: str) -> str:
    return f"{SEEDS.as_posix()}/{name}"


@pytest.fixture
def shop(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Shop:
    made = Shop(tmp_path / "s.db", capfd)
    made("ingest", str(SEEDS), "-f", "jsonl", "--workers", "1")
    return made


def test_a_run_prints_the_stories_that_it_touched(shop: Shop) -> None:
    """With how each changed; the summary counts articles and stories."""
    lines = [json.loads(line) for line in shop.out.splitlines()]
    assert len(lines) == 17
    assert {line["change"] for line in lines} == {"new"}
    assert "24 records: 24 new articles, 0 known, 0 rejected; stories: 17 new; the store holds 24 articles" in shop.err
    assert shop("ingest", str(SEEDS), "-f", "jsonl") == ""
    assert "0 new articles, 24 known, 0 rejected; stories: none changed" in shop.err


@pytest.mark.parametrize("form", ["text", "markdown", "json", "csv"])
def test_every_format_says_what_changed(shop: Shop, form: str, tmp_path: Path) -> None:
    added = tmp_path / "again.txt"
    added.write_text((SEEDS / FERRY).read_text(encoding="utf-8").replace("Karsholm", "Karsholm harbour"), "utf-8")
    assert "grown" in shop("ingest", str(added), "-f", form)


def test_the_store_may_be_named_by_the_environment(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSDEDUP_STORE", str(shop.path))
    shop.capfd.readouterr()
    assert main(["store", "stats"]) == 0
    assert "articles  24" in shop.capfd.readouterr().out


def test_export_prints_what_ingest_without_a_store_does(shop: Shop) -> None:
    for form in ("jsonl", "json", "csv", "markdown"):
        told = shop("store", "export", "-f", form)
        shop.capfd.readouterr()
        main(["ingest", str(SEEDS), "-f", form, "-q"])
        plain = shop.capfd.readouterr().out
        if form == "json":  # files left out and such are counted by the run alone
            assert json.loads(told)["stories"] == json.loads(plain)["stories"]
        else:
            assert told == plain


def test_decisions_are_obeyed_listed_and_undone(shop: Shop) -> None:
    story = shop.story(FERRY)
    told = shop("store", "split", story, article("ferry-reprint.txt"))
    assert [line.split()[0] for line in told.splitlines()] == ["split", "split"]
    parted = shop.story("ferry-reprint.txt")
    assert parted != story == shop.story(FERRY)
    shop("ingest", str(SEEDS), "-q")
    shop("store", "rebuild")
    assert shop.story("ferry-reprint.txt") == parted
    assert "a person decided so" in shop("store", "explain", article("ferry-reprint.txt"))
    assert f"1  {json.loads(shop('store', 'decisions', '-f', 'json'))[0]['at']}  split" in shop("store", "decisions")
    assert shop("store", "undo", "1").startswith(f"joined {story}")
    assert shop.story("ferry-reprint.txt") == story
    assert json.loads(shop("store", "show", parted, "-f", "jsonl"))["story_id"] == story  # the old id resolves
    assert "became" in shop("store", "history", parted)
    assert "was undone at" in (shop("store", "undo", "1", code=2) or shop.err)


def test_joined_stories_stay_one(shop: Shop) -> None:
    story, other = shop.story(FERRY), shop.story("bridge-closure.txt")
    assert shop("store", "join", story, other).startswith("joined ")
    assert shop.story(FERRY) == shop.story("bridge-closure.txt") == shop.story("ferry-abridged.txt")
    shop("store", "split", shop.story(FERRY), article("bridge-closure.txt"))
    assert shop.story(FERRY) != shop.story("bridge-closure.txt")  # the later decision holds
    assert shop("store", "verify").endswith("all is well\n")


def test_forgotten_articles_are_gone(shop: Shop) -> None:
    shop("store", "forget", article(FERRY))
    assert "forgotten; stories: 1 updated; the store holds 23 articles" in shop.err
    assert "no article" in (shop("store", "explain", article(FERRY), code=2) or shop.err)
    shop("store", "forget", "--before", "2100")
    assert shop("store", "verify").endswith("all is well\n")
    assert "--before DATE" in (shop("store", "forget", code=2) or shop.err)
    assert "is no date" in (shop("store", "forget", "--before", "yesterday", code=2) or shop.err)


def test_explain_tells_what_keeps_others_apart(shop: Shop) -> None:
    told = json.loads(shop("store", "explain", article(FERRY), "-f", "json"))
    assert {each["article_id"] for each in told["members"]} == {
        article(f"ferry-{name}.txt") for name in ("agency", "reprint", "abridged")
    }
    assert {each["stage"] for each in told["members"]} == {"score"}
    assert all(not each["same_story"] for each in told["nearest"])


def test_verify_finds_what_is_wrong(shop: Shop) -> None:
    with sqlite3.connect(shop.path) as db:
        db.execute(
            "UPDATE articles SET story = (SELECT max(story) FROM stories) WHERE article_id LIKE '%ferry-reprint%'"
        )
    db.close()
    assert "is not what its pairs make" in shop("store", "verify", code=1)
    with sqlite3.connect(shop.path) as db:
        db.execute("DELETE FROM packs")
    db.close()
    assert "24 articles without columns" in shop("store", "verify", code=1)


@pytest.mark.parametrize(
    ("table", "column", "meeting"),
    [
        ("texts", "record", (("export",), ("rebuild",))),
        ("postings", "data", (("explain", article(FERRY)),)),
        ("packs", "rows", (("explain", article(FERRY)), ("export",))),
        ("packs", "lines", (("forget", article(FERRY)), ("rebuild",))),
    ],
)
def test_bytes_that_were_overwritten_are_told(
    shop: Shop, table: str, column: str, meeting: tuple[tuple[str, ...], ...]
) -> None:
    """Whoever meets them says so in one line; `verify` finds them."""
    with sqlite3.connect(shop.path) as db:
        (whole,) = db.execute(f"SELECT {column} FROM {table} LIMIT 1").fetchone()  # noqa: S608 - ours
        spoilt = whole[:40] + b"\x00\x01\x02\x03" + whole[44:]
        db.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (spoilt, whole))  # noqa: S608
    db.close()
    assert shop("store", "verify", code=1).count("problem") == 1
    for argv in meeting:
        shop("store", *argv, code=2)
        assert "damaged" in shop.err
        assert shop.err.count("\n") == 1


def test_an_empty_store_can_be_asked(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """As one is whose first run was killed."""
    empty = Shop(tmp_path / "s.db", capfd)
    with Store(empty.path):
        pass
    assert "articles  0" in empty("store", "stats")
    assert empty("store", "verify").endswith("all is well\n")
    assert empty("store", "export") == ""
    assert json.loads(empty("store", "export", "-f", "json"))["stories"] == []
    assert main(["check", str(SEEDS / FERRY), "--against", str(empty.path)]) == 0
    empty("store", "rebuild")
    empty("ingest", str(SEEDS), "-q", "-f", "jsonl")
    assert "articles  24" in empty("store", "stats")


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("show", "0123456789abcdef"), "there is no story 0123456789abcdef"),
        (("history", "x"), "there is no story x"),
        (("explain", "ferry-update"), "do you mean"),
        (("undo", "9"), "there is no decision 9"),
        (("join", "x", "y"), "there is no story x"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(shop: Shop, argv: tuple[str, ...], says: str) -> None:
    shop("store", *argv, code=2)
    assert says in shop.err
    assert shop.err.count("\n") == 1


def test_new_articles_are_checked_against_a_store(shop: Shop, tmp_path: Path) -> None:
    """Beside what the store holds, of which only what is near is read."""
    added = tmp_path / "new.txt"
    added.write_text((SEEDS / FERRY).read_text(encoding="utf-8"), "utf-8")
    shop.capfd.readouterr()
    before = shop.path.read_bytes()
    assert main(["check", str(added), "--against", str(shop.path)]) == 1
    assert "ND101" in shop.capfd.readouterr().out
    assert shop.path.read_bytes() == before
    assert main(["check", str(SEEDS / "earnings-tallmere.txt"), "--against", str(shop.path), "--select", "ND1"]) == 0
