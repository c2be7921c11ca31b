"""However a corpus is split over runs, in any order, its stories are those of the corpus ingested at once."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from builders import SEEDS, article
from newsdedup import dedupe, load
from newsdedup.config import Config
from newsdedup.engine import recleaning
from newsdedup.errors import StoreError
from newsdedup.models import Article, Loaded, Result
from newsdedup.models.store import ChangedStory
from newsdedup.store import Store
from untidy_pages import CHAIRS, KILN, SHARED, headline, labelled_articles, page, reprint

ONE = Config(workers=1)
FRAME = "This page was set by hand on the night desk of the old mill, as every page has been."


def partition(result: Result) -> set[frozenset[str]]:
    """Return the stories as sets of article ids."""
    return {frozenset(variant.article_id for variant in story.variants) for story in result.stories}


def stored_partition(path: Path) -> set[frozenset[str]]:
    """Return the stories of a store, read from its tables."""
    stories: dict[int, set[str]] = {}
    with sqlite3.connect(path) as db:
        for article_id, story in db.execute("SELECT article_id, story FROM articles"):
            stories.setdefault(story, set()).add(article_id)
    return {frozenset(each) for each in stories.values()}


def ingest_in_parts(path: Path, parts: Sequence[Sequence[Loaded]]) -> None:
    """Ingest the parts, one after the other."""
    for part in parts:
        with Store(path, ONE) as store:
            store.ingest(part)


def split_randomly(articles: Sequence[Article], count: int, rng: random.Random) -> list[list[Article]]:
    """Return the articles in random order, in `count` parts."""
    shuffled = rng.sample(articles, len(articles))
    cuts = [0, *sorted(rng.sample(range(1, len(shuffled)), count - 1)), len(shuffled)]
    return [shuffled[start:end] for start, end in pairwise(cuts)]


def make_untidy_articles(rng: random.Random) -> list[Article]:
    """Return pages with boilerplate, near copies, versions of one id, copies, templates and id clashes."""
    articles = [
        article(
            f"page-{seed}",
            reprint(CHAIRS if seed % 2 else KILN, seed)
            if seed % 3 == 0
            else f"{FRAME}\n\n{page(CHAIRS[:2] + KILN[2:], seed)}",
            title=headline(rng),
            source=f"outlet {seed % 3}",
            published=f"2026-03-{1 + seed % 28:02}",
        )
        for seed in range(14)
    ]
    for number in range(5):
        text = "\n\n".join((*KILN[number : number + 3], f"It was the {number}th time this year."))
        articles.append(article("versions", text, title="Kiln", source="agency", published=f"2026-04-0{number + 1}"))
        note = f"Rain of {number} mm fell in Avenby on Monday, 1{number} degrees."
        articles.append(article(f"note-{number}", note, title="Rain"))
    articles.append(article("versions", "\n\n".join(CHAIRS), title="Seats of nets", source="another"))
    articles += [article(f"copy-{i}", "\n\n".join(CHAIRS), title="Seats", source=f"outlet {i}") for i in range(3)]
    return [*articles, *labelled_articles().values()]


def batch_partition(articles: Sequence[Loaded]) -> set[frozenset[str]]:
    """Return the stories of all articles, as `ingest` without a store finds them."""
    return partition(dedupe(articles, ONE))


@pytest.mark.parametrize("seed", range(3))
def test_parts_in_any_order_make_the_same_stories(tmp_path: Path, seed: int) -> None:
    """Lines become boilerplate, shingles become frequent, versions take each other's id."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    articles = make_untidy_articles(random.Random(7))  # noqa: S311
    ingest_in_parts(tmp_path / "s.db", split_randomly(articles, 2 + 3 * seed, rng))
    assert stored_partition(tmp_path / "s.db") == batch_partition(articles)


def test_single_articles_make_the_same_stories(tmp_path: Path) -> None:
    """One article per run, of our own seeds."""
    articles = [each for each in load([str(SEEDS)], ONE) if isinstance(each, Article)]
    random.Random(3).shuffle(articles)  # noqa: S311
    ingest_in_parts(tmp_path / "s.db", [[each] for each in articles])
    assert stored_partition(tmp_path / "s.db") == batch_partition(articles)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real articles are not part of the project")
@pytest.mark.parametrize("name", ["web2025", "usnews"])
def test_parts_of_real_articles_make_the_same_stories(tmp_path: Path, name: str) -> None:
    """Scraped pages with menus and near copies; a third of them is enough to keep the time short."""
    articles = [each for each in load([str(SHARED / "gold" / f"{name}.jsonl")], ONE) if isinstance(each, Article)][::3]
    ingest_in_parts(tmp_path / "s.db", split_randomly(articles, 4, random.Random(1)))  # noqa: S311
    assert stored_partition(tmp_path / "s.db") == batch_partition(articles)


def test_forgotten_articles_have_no_effect(tmp_path: Path) -> None:
    """Lines stop being boilerplate, an older version gets the id again, shingles get other pivots."""
    articles = make_untidy_articles(random.Random(7))  # noqa: S311
    path = tmp_path / "s.db"
    ingest_in_parts(path, split_randomly(articles, 3, random.Random(5)))  # noqa: S311
    forgotten = {"page-0", "page-3", "page-7", "copy-0", "versions", "note-1"}
    with Store(path, ONE) as store:
        (latest_version,) = (
            v.content_hash for story in export_stories(store) for v in story.variants if v.article_id == "versions"
        )
        store.forget(sorted(forgotten))
        assert store.verify().problems == ()
    remaining = [
        each
        for each in articles
        if each.article_id not in forgotten - {"versions"} and each.content_hash != latest_version
    ]
    assert stored_partition(path) == batch_partition(remaining)


def export_stories(store: Store) -> list[ChangedStory]:
    """Return all stories of a store."""
    with store.open_export() as exported:
        return list(exported.stories)  # type: ignore[arg-type]


def test_repeated_articles_change_nothing(tmp_path: Path) -> None:
    """Nothing is new, and no story changes."""
    articles = make_untidy_articles(random.Random(7))  # noqa: S311
    with Store(tmp_path / "s.db", ONE) as store:
        assert store.ingest(articles).summary.articles == len(articles)
        second_run = store.ingest(articles)
        assert second_run.stories == ()
        assert (second_run.summary.articles, second_run.summary.repeated) == (0, len(articles))


def test_a_rebuilt_store_is_the_same(tmp_path: Path) -> None:
    """Everything is cleaned and matched again, ids and decisions stay."""
    path = tmp_path / "s.db"
    articles = make_untidy_articles(random.Random(7))  # noqa: S311
    ingest_in_parts(path, split_randomly(articles, 3, random.Random(2)))  # noqa: S311
    with Store(path, ONE) as store:
        before = [story.model_dump() for story in export_stories(store)]
        assert store.rebuild().stories == ()
        assert [story.model_dump() for story in export_stories(store)] == before
        assert store.verify().problems == ()


def test_a_store_of_one_run_equals_a_batch(tmp_path: Path) -> None:
    """In every field, including ids and links."""
    articles = make_untidy_articles(random.Random(7))  # noqa: S311
    with Store(tmp_path / "s.db", ONE) as store:
        store.ingest(articles)
        assert [each.model_dump() for each in export_stories(store)] == [
            each.model_dump() for each in dedupe(articles, ONE).stories
        ]


def test_a_line_that_becomes_boilerplate_is_removed_from_old_pages(tmp_path: Path) -> None:
    """Exactly the articles with the line are cleaned again."""
    pages = [
        article(f"p{i}", f"{body}\n\n{FRAME}", title=headline(random.Random(i)), source="The Echo")  # noqa: S311
        for i, body in enumerate(("\n\n".join(CHAIRS), "\n\n".join(KILN), labelled_text()[:900]))
    ]
    other_page = article("other", "\n\n".join(CHAIRS[2:]), title="Another page", source="The Post")
    with Store(tmp_path / "s.db", ONE) as store:
        store.ingest([*pages[:2], other_page])
        assert FRAME in store.show(story_id(store, "p0")).text
        changed = store.ingest(pages[2:])
        assert FRAME not in store.show(story_id(store, "p0")).text
    kinds = {v.article_id: s.change for s in changed.stories for v in s.variants}
    assert kinds["p2"] == "new"
    assert kinds["p0"] == kinds["p1"] == "updated"


def labelled_text() -> str:
    """Return the text of an article of another story."""
    return max((each.text for each in labelled_articles("wire").values()), key=len)


def story_id(store: Store, article_id: str) -> str:
    """Return the story of an article."""
    return store.explain(article_id).story_id


def test_too_many_reports_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to do, and the store is not changed."""
    monkeypatch.setattr(recleaning, "MAX_ARTICLES", 3)
    with Store(tmp_path / "s.db", ONE) as store:
        store.ingest([article("a", CHAIRS[0]), article("b", KILN[0])])
        with pytest.raises(StoreError, match="the store is full"):
            store.ingest([article("c", CHAIRS[1]), article("d", KILN[1])])
        assert store.stats().articles == 2
