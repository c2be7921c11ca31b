"""`check` against a store: the findings are those against the files that it was filled from, and it is only read."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from gate_files import AGENCY, CLOSURE, REPRINT, REWRITE, UPDATE, WIND, WIRE, brief, checked, write

from builders import SEEDS, article
from newsdedup.checks import check
from newsdedup.checks.duplicate_rules import SAME_EVENT
from newsdedup.cli import main
from newsdedup.config import CheckSettings, Config
from newsdedup.models import Article, Loaded
from newsdedup.models.checks import CheckReport, Finding
from newsdedup.readers import load
from newsdedup.store import Store
from untidy_pages import CHAIRS, KILN, SHARED, headline, labelled_articles, page, reprint

# With the rules that are off by default, and with rewrites that are less certain: all that compare articles.
ALL_RULES = Config(workers=1, check=CheckSettings(select=("ND",)))
FRAME = "This page was set by hand on the night desk of the old mill, as every page has been."


def make_pages() -> list[Article]:
    """Return reprints and other pages of three outlets, some with a line that recurs, and notes of one template."""
    pages = [
        article(
            f"page-{seed}",
            reprint(CHAIRS if seed % 2 else KILN, seed)
            if seed % 3 == 0
            else f"{FRAME}\n\n{page(CHAIRS[:2] + KILN[2:], seed)}",
            title=headline(random.Random(seed)),  # noqa: S311
            source=f"outlet {seed % 3}",
            published=f"2026-03-{1 + seed:02}",
        )
        for seed in range(14)
    ]
    notes = [
        article(f"note-{n}", f"Rain of {n} mm fell in Avenby on Monday, 1{n} degrees.", title="Rain") for n in range(5)
    ]
    return [*pages, *notes, *labelled_articles().values()]


def read_seeds() -> list[Article]:
    """Return the articles of seeds/, where some articles share an id."""
    return [item for item in load([str(SEEDS)], ALL_RULES) if isinstance(item, Article)]


def read_gold() -> list[Article]:
    """Return some of the real articles."""
    items = load([str(SHARED / "gold" / "web2025.jsonl")], ALL_RULES)
    return [item for item in items if isinstance(item, Article)][::3]


def fill(path: Path, parts: Sequence[Sequence[Loaded]]) -> bytes:
    """Fill a store part by part and return the bytes of its file."""
    for part in parts:
        with Store(path, ALL_RULES) as store:
            store.ingest(part)
    return path.read_bytes()


def check_against(path: Path, new: Sequence[Loaded], known: Sequence[Loaded] = ()) -> CheckReport:
    """Check articles against the store in a file, and against further known ones."""
    with Store(path, ALL_RULES, create=False) as store:
        return check(new, known, ALL_RULES, store=store)


def find_duplicates(report: CheckReport) -> list[Finding]:
    """Return the findings about duplicates."""
    return [finding for finding in report.findings if finding.code.startswith("ND1")]


def without_events(report: CheckReport) -> list[Finding]:
    """Return the findings, except for ND302, which depends on the leads of all articles: of a store only some are read.

    The probability of such a note, and whether it is likely enough to be one, may differ.
    """
    return [finding for finding in report.findings if finding.code != SAME_EVENT]


CORPORA: dict[str, Callable[[], list[Article]]] = {"untidy pages": make_pages, "seeds": read_seeds, "gold": read_gold}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("corpus", CORPORA)
def test_findings_equal_those_against_the_files(tmp_path: Path, corpus: str, seed: int) -> None:
    """In every field: passages, further articles, probabilities. The store was filled in two parts."""
    if corpus == "gold" and not SHARED.is_dir():
        pytest.skip("the real articles are not part of the project")
    articles = CORPORA[corpus]()
    random.Random(seed).shuffle(articles)  # noqa: S311
    new, known = articles[::3], [x for n, x in enumerate(articles) if n % 3]
    before = fill(tmp_path / "s.db", [known[: len(known) // 2], known[len(known) // 2 :]])
    expected, report = check(new, known, ALL_RULES), check_against(tmp_path / "s.db", new)
    assert without_events(report) == without_events(expected)
    assert find_duplicates(report)
    assert report.failed == expected.failed
    assert (tmp_path / "s.db").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["s.db"]


def test_a_store_and_files_may_be_known_together(tmp_path: Path) -> None:
    """Half of the known articles are in the store, the others are given as files."""
    articles = make_pages()
    random.Random(4).shuffle(articles)  # noqa: S311
    new, known = articles[:20], articles[20:]
    fill(tmp_path / "s.db", [known[::2]])
    report, expected = check_against(tmp_path / "s.db", new, known[1::2]), check(new, known, ALL_RULES)
    assert without_events(report) == without_events(expected)


def test_decisions_in_the_store_hold(tmp_path: Path) -> None:
    """Articles that a person has split are two stories, and a new copy is a duplicate in only one of them."""
    fill(tmp_path / "s.db", [[article("agency", AGENCY), article("update", UPDATE)]])
    new = [article("new", REPRINT)]
    (finding,) = find_duplicates(check_against(tmp_path / "s.db", new))
    assert finding.others == ("update",)
    with Store(tmp_path / "s.db", ALL_RULES) as store:
        store.split(store.explain("update").story_id, ["update"])
    (finding,) = find_duplicates(check_against(tmp_path / "s.db", new))
    assert finding.other is not None
    assert (finding.other.article_id, finding.others) == ("agency", ())


# -- random articles ---------------------------------------------------------------------------------------------------

BELL = (
    "Saint Orban's church in Quillmere lost its smallest bell for the {n}th time since the war, the verger said.",
    "Thieves lowered the 90-kilogram bell from the tower with a rope that they left hanging from the louvres.",
    "A baker who was up at three o'clock saw a white van without plates drive off towards the quarry.",
    "The bell was insured for {n}00 crowns, less than its bronze would fetch, said the treasurer, Ottilie Marsh.",
    "Until another is cast, the quarter hours will be struck on the second bell, which is a tone too low.",
)
MOTHS = (
    "Beekeepers round Lake Tessin counted {n} hives destroyed by wax moths in August, twice as many as a year ago.",
    "The county sends inspectors to every apiary with more than 10 hives, beginning on the north shore.",
    "“You smell it before you see it,” said Bruno Haldar, whose family has kept bees above the lake since 1911.",
    "Frames that have been attacked must be burnt or frozen for two days; a leaflet explains how.",
    "Honey from the region is safe to eat, the food office stressed, though there will be less of it.",
)
TAILS = (
    "Subscribe to the Evening Ferry!",
    "Share  |  Print  |  Reply (3)",
    "© Tessin Media. No reprint without leave.",
)


def draw_article(rng: random.Random, record: int) -> Article:
    """Return an edit of one of two reports, or a page without any; ids, titles and sources recur."""
    sentences = [sentence.format(n=rng.choice((4, 4, 17))) for sentence in rng.choice((BELL, MOTHS))]
    match rng.randrange(4):
        case 0:
            del sentences[rng.randrange(1, 5) :]
        case 1:
            sentences.insert(rng.randrange(6), rng.choice(("Police ask for witnesses.", "More on this later.")))
        case 2:
            del sentences[rng.randrange(5)]
        case _:
            pass
    body = rng.choice((" ", "\n\n")).join(sentences)
    text = "Share" if rng.random() < 0.06 else "\n\n".join([body, *rng.sample(TAILS, rng.randrange(3))])
    return article(
        f"id {rng.randrange(20)}",
        text,
        title=rng.choice((None, "Bell stolen", "Bell stolen again", "Moths")),
        source=rng.choice((None, "The Ferry", "Tessin Post", "Courier")),
        published=rng.choice((None, "2026-05-02", "2026-05", "2026-05-02T10:00:00Z")),
        path=f"f{rng.randrange(4)}.txt",
        record=record,
    )


def test_findings_equal_those_against_the_files_for_random_articles(tmp_path: Path) -> None:
    """Some new articles are stored already, some stored ones are given as files too, ids clash with stored ones.

    Not among stored ones, which have ids of their own in a store.
    """
    finding_count = 0
    for seed in range(20):
        rng = random.Random(seed)  # noqa: S311
        articles = [draw_article(rng, record) for record in range(rng.choice((4, 12, 20)))]
        new, rest = articles[: len(articles) // 3], articles[len(articles) // 3 :]
        stored = list({x.article_id: x for x in rest}.values())
        new += rng.sample(stored, rng.randrange(2))
        fill(tmp_path / f"{seed}.db", [stored[::2], stored[1::2]])
        expected = check(new, stored, ALL_RULES)
        report = check_against(tmp_path / f"{seed}.db", new, rng.sample(stored, rng.randrange(2)))
        assert without_events(report) == without_events(expected), seed
        finding_count += len(find_duplicates(report))
    assert finding_count > 30


# -- decisions ---------------------------------------------------------------------------------------------------------


def tell(report: Sequence[str], *, without: int | None = None, ending: str = "") -> str:
    """Return the text of a report, without one of its sentences, and with an ending."""
    sentences = [sentence.format(n=4) for n, sentence in enumerate(report) if n != without]
    return " ".join([*sentences, ending]).strip()


def join_all(path: Path, articles: Sequence[Article]) -> None:
    """Ingest articles, one by one, and join their stories into one."""
    fill(path, [[each] for each in articles])
    with Store(path, ALL_RULES) as store:
        for each in articles[1:]:
            story_ids = [store.explain(x.article_id).story_id for x in (articles[0], each)]
            if len(set(story_ids)) > 1:
                store.join(*story_ids)
        assert store.stats().stories == 1


@pytest.mark.parametrize("is_first", [False, True])
def test_an_edit_of_a_joined_story_is_a_duplicate_whichever_of_its_articles_is_first(
    tmp_path: Path, *, is_first: bool
) -> None:
    """First in the order of content; the article that a person joined with the story shares no text with it."""
    endings = ("", "The rope is new.", "It hung there since 1702.")
    story = [article(f"bell {n}", tell(BELL, ending=ending), title="Bell stolen") for n, ending in enumerate(endings)]
    joined = next(
        candidate
        for candidate in (article("moths", tell(MOTHS, ending=f"Photo {n}: a frame.")) for n in range(100))
        if {candidate.content_hash < each.content_hash for each in story} == {is_first}
    )
    join_all(tmp_path / "s.db", [*story, joined])
    edit = article("edit", tell(BELL, without=2, ending="Police ask for witnesses."), title="Bell stolen again")
    (finding,) = find_duplicates(check_against(tmp_path / "s.db", [edit]))
    assert finding.other is not None
    assert {finding.other.article_id, *finding.others} == {"bell 0", "bell 1", "bell 2", "moths"}


@pytest.mark.parametrize("leaving", ["first", "second"])
def test_a_join_holds_for_the_other_articles_when_one_of_them_is_checked_too(tmp_path: Path, leaving: str) -> None:
    """Of three joined articles one is checked as a file; a new copy of the third is a duplicate of the other two."""
    stored = {
        "first": article("first", tell(BELL), title="Bell stolen"),
        "second": article("second", tell(BELL, ending="The rope is new."), title="Bell stolen"),
        "third": article("third", tell(MOTHS), title="Moths"),
    }
    join_all(tmp_path / "s.db", list(stored.values()))
    copy = article("copy", tell(MOTHS), title="Moths", path="copy.txt")
    (finding,) = find_duplicates(check_against(tmp_path / "s.db", [copy]))
    assert set(finding.others) == {"first", "second"}
    with contextlib.chdir(tmp_path):
        report = check_against(tmp_path / "s.db", [copy, stored[leaving]])
    (finding,) = (x for x in find_duplicates(report) if x.location.article_id == "copy")
    assert finding.other is not None
    assert (finding.other.article_id, finding.others) == ("third", tuple({"first", "second"} - {leaving}))


# -- files that were ingested before -----------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of articles that are all in its store, and make it the current one."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"in/a.txt": AGENCY, "in/b.txt": REPRINT, "in/c.txt": CLOSURE, "in/d.txt": WIND})
    fill(tmp_path / "s.db", [list(load(["in"], ALL_RULES))])
    return tmp_path


def check_paths(*paths: str) -> list[str]:
    """Check files against the store of the current folder; return the duplicates in brief."""
    report = check_against(Path("s.db"), list(load(paths, ALL_RULES)))
    return [line for line in brief(report) if " ND1" in line]


def test_a_file_of_the_store_is_no_duplicate_of_itself(folder: Path) -> None:
    """It is compared with the other articles, as if it were not stored. The store is not changed."""
    before = (folder / "s.db").read_bytes()
    assert check_paths("in/c.txt", "in/d.txt") == []
    assert check_paths("in/b.txt") == ["in/b.txt:8 ND102 in/a.txt"]
    assert check_paths("in") == ["in/b.txt:8 ND102 in/a.txt"]
    assert (folder / "s.db").read_bytes() == before


def test_a_file_of_the_store_may_be_named_in_other_ways(folder: Path) -> None:
    """Through a symbolic link to it or to its folder, with dots, and by its full path."""
    (folder / "linked").symlink_to("in", target_is_directory=True)
    (folder / "c-link.txt").symlink_to("in/c.txt")
    assert check_paths("linked/c.txt") == []
    assert check_paths("c-link.txt") == []
    assert check_paths("./in/../in/c.txt") == []
    assert check_paths(str(folder / "in" / "c.txt")) == []
    assert check_paths("linked/b.txt") == ["linked/b.txt:8 ND102 in/a.txt"]


def test_an_edited_file_of_the_store_is_no_update_of_itself(folder: Path) -> None:
    """Its former text in the store is an earlier copy, not another article."""
    write(folder, {"in/c.txt": CLOSURE.replace("bridge", "old bridge", 2)})
    assert check_paths("in/c.txt") == []
    write(folder, {"in/a.txt": UPDATE})
    assert check_paths("in/a.txt") == ["in/a.txt:13 ND104 in/b.txt"]
    write(folder, {"new.txt": CLOSURE})
    assert check_paths("new.txt") == ["new.txt:6 ND101 in/c.txt"]


def test_a_record_of_the_store_is_no_duplicate_of_itself(tmp_path: Path) -> None:
    """Only the same record of the same file is; the next record of the file is another article."""
    text = "\n\n".join(CHAIRS)
    records = [article(f"r{n}", text, path="feed.jsonl", record=n, source=f"outlet {n}") for n in (1, 2)]
    fill(tmp_path / "s.db", [records[:1]])
    with contextlib.chdir(tmp_path):
        assert find_duplicates(check_against(tmp_path / "s.db", records[:1])) == []
        (finding,) = find_duplicates(check_against(tmp_path / "s.db", records[1:]))
    assert finding.other is not None
    assert (finding.location.record, finding.other.record) == (2, 1)


@pytest.mark.usefixtures("folder")
def test_records_that_are_stored_and_known_as_files_count_once() -> None:
    """Neither are their ids listed twice."""
    new = [article("new", UPDATE, path="new.txt")]
    known = list(load(["in"], ALL_RULES))
    report, expected = check_against(Path("s.db"), new, known), check(new, known, ALL_RULES)
    assert report.summary.known == expected.summary.known == 4
    (finding,) = find_duplicates(report)
    assert finding.other is not None
    assert (finding.other.article_id, finding.others) in {("in/a.txt", ("in/b.txt",)), ("in/b.txt", ("in/a.txt",))}
    assert without_events(report) == without_events(expected)


# -- at the command line -----------------------------------------------------------------------------------------------


def test_the_report_equals_that_against_files(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """As JSON Lines, byte for byte; two stores cannot be named."""
    write(folder, {"new.txt": REPRINT.replace("ferry", "Ferry", 1), "other.txt": UPDATE})
    outputs = []
    for known in ("in", "s.db"):
        assert main(["check", "new.txt", "other.txt", "--against", known, "--format", "jsonl", "--workers", "1"]) == 1
        outputs.append(capfd.readouterr().out)
    assert outputs[0] == outputs[1]
    assert outputs[0].count("\n") >= 2
    (folder / "t.db").write_bytes((folder / "s.db").read_bytes())
    assert main(["check", "new.txt", "--against", "s.db", "--against", "t.db"]) == 2
    assert "--against names 2 stores; give only one" in capfd.readouterr().err


def test_findings_in_a_store_alone_are_not_reported(tmp_path: Path) -> None:
    """Neither duplicates among stored articles nor their other faults; the fixture makes sure that there are some."""
    assert checked(tmp_path, {"a.txt": AGENCY, "b.txt": REPRINT, "c.txt": "Too short.\n"}).findings
    items = list(load([str(tmp_path)], ALL_RULES))
    fill(tmp_path / "s.db", [items])
    report = check_against(tmp_path / "s.db", [article("new", WIND, path="new.txt")])
    assert {finding.location.path for finding in report.findings} <= {"new.txt"}
    assert find_duplicates(report) == []


@pytest.mark.parametrize("option", [["--min-probability", "0.5"], []], ids=["another value", "no option"])
def test_the_least_probability_of_a_store_holds(
    folder: Path, capfd: pytest.CaptureFixture[str], option: list[str]
) -> None:
    """Another one is refused in one line, as when the store is written; it would mix the two."""
    write(folder, {"in/wire.txt": WIRE, "new.txt": REWRITE})
    store = ["--store", "t.db", "--min-probability", "0.999", "--workers", "1"]
    assert main(["ingest", "in/wire.txt", *store, "--output", "stories.txt"]) == 0
    capfd.readouterr()
    code = main(["check", "new.txt", "--against", "t.db", "--format", "jsonl", "--quiet", *option])
    out, err = capfd.readouterr()
    if option:
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert err.startswith("newsdedup: error: the store t.db was made with --min-probability 0.999, not 0.5: leave")
    else:
        assert not [line for line in out.splitlines() if json.loads(line)["code"].startswith("ND1")]
        assert main(["check", "new.txt", "--against", "in/wire.txt", "--format", "jsonl", "--quiet"]) == 1
        assert "ND1" in capfd.readouterr().out
