"""However a corpus is parted over runs, and in whatever order, its stories are those of the corpus ingested at once."""

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
from newsdedup.errors import StoreError
from newsdedup.models import Article, Loaded, Result
from newsdedup.models.store import ChangedStory
from newsdedup.store import Store, recleaning
from untidy_pages import CHAIRS, KILN, SHARED, headline, labelled_articles, page, reprint

ONE = Config(workers=1)
FRAME = "This page was set by hand on the night desk of the old mill, as every page has been."


def partition(result: Result) -> set[frozenset[str]]:
    """Return the stories as sets of article ids."""
    return {frozenset(variant.article_id for variant in story.variants) for story in result.stories}


def stored(path: Path) -> set[frozenset[str]]:
    """Return the stories of a store, read from its tables."""
    stories: dict[int, set[str]] = {}
    with sqlite3.connect(path) as db:
        for article_id, story in db.execute("SELECT article_id, story FROM articles"):
            stories.setdefault(story, set()).add(article_id)
    return {frozenset(each) for each in stories.values()}


def fed(path: Path, parts: Sequence[Sequence[Loaded]]) -> None:
    """Ingest the parts, one after the other."""
    for part in parts:
        with Store(path, ONE) as store:
            store.ingest(part)


def parted(articles: Sequence[Article], count: int, chance: random.Random) -> list[list[Article]]:
    """Return the articles in another order, in so many parts."""
    shuffled = chance.sample(articles, len(articles))
    cuts = [0, *sorted(chance.sample(range(1, len(shuffled)), count - 1)), len(shuffled)]
    return [shuffled[start:end] for start, end in pairwise(cuts)]


def untidy(chance: random.Random) -> list[Article]:
    """Return pages of outlets with frames of their own, near copies, versions of one id, copies, templates, clashes."""
    out = [
        article(
            f"page-{seed}",
            reprint(CHAIRS if seed % 2 else KILN, seed)
            if seed % 3 == 0
            else f"{FRAME}\n\n{page(CHAIRS[:2] + KILN[2:], seed)}",
            title=headline(chance),
            source=f"outlet {seed % 3}",
            published=f"2026-03-{1 + seed % 28:02}",
        )
        for seed in range(14)
    ]
    for place in range(5):
        text = "\n\n".join((*KILN[place : place + 3], f"It was the {place}th time this year."))
        out.append(article("versions", text, title="Kiln", source="agency", published=f"2026-04-0{place + 1}"))
        note = f"Rain of {place} mm fell in Avenby on Monday, 1{place} degrees."
        out.append(article(f"note-{place}", note, title="Rain"))
    out.append(article("versions", "\n\n".join(CHAIRS), title="Seats of nets", source="another"))
    out += [article(f"copy-{i}", "\n\n".join(CHAIRS), title="Seats", source=f"outlet {i}") for i in range(3)]
    return [*out, *labelled_articles().values()]


def at_once(articles: Sequence[Loaded]) -> set[frozenset[str]]:
    """Return the stories of all articles, as `ingest` without a store finds them."""
    return partition(dedupe(articles, ONE))


@pytest.mark.parametrize("seed", range(3))
def test_parts_in_any_order_make_the_stories_of_the_whole(tmp_path: Path, seed: int) -> None:
    """Frames come to count, crowds of copies form, versions take each other's id."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    articles = untidy(random.Random(7))  # noqa: S311
    fed(tmp_path / "s.db", parted(articles, 2 + 3 * seed, chance))
    assert stored(tmp_path / "s.db") == at_once(articles)


def test_one_by_one(tmp_path: Path) -> None:
    """The smallest parts that there are, of our own seeds."""
    articles = [each for each in load([str(SEEDS)], ONE) if isinstance(each, Article)]
    random.Random(3).shuffle(articles)  # noqa: S311
    fed(tmp_path / "s.db", [[each] for each in articles])
    assert stored(tmp_path / "s.db") == at_once(articles)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real articles are not part of the project")
@pytest.mark.parametrize("name", ["web2025", "usnews"])
def test_real_articles_in_parts(tmp_path: Path, name: str) -> None:
    """Scraped pages with menus and near copies; a third of them is enough to keep the time short."""
    articles = [each for each in load([str(SHARED / "gold" / f"{name}.jsonl")], ONE) if isinstance(each, Article)][::3]
    fed(tmp_path / "s.db", parted(articles, 4, random.Random(1)))  # noqa: S311
    assert stored(tmp_path / "s.db") == at_once(articles)


def test_what_is_forgotten_was_never_there(tmp_path: Path) -> None:
    """Frames count no longer, an older version has the id again, others stand for a crowd."""
    articles = untidy(random.Random(7))  # noqa: S311
    path = tmp_path / "s.db"
    fed(path, parted(articles, 3, random.Random(5)))  # noqa: S311
    gone = {"page-0", "page-3", "page-7", "copy-0", "versions", "note-1"}
    with Store(path, ONE) as store:
        (held,) = (v.content_hash for story in export(store) for v in story.variants if v.article_id == "versions")
        store.forget(sorted(gone))
        assert store.verify().problems == ()
    left = [each for each in articles if each.article_id not in gone - {"versions"} and each.content_hash != held]
    assert stored(path) == at_once(left)


def export(store: Store) -> list[ChangedStory]:
    """Return all stories of a store."""
    with store.exporting() as told:
        return list(told.stories)  # type: ignore[arg-type]


def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    """Nor does the same under another path."""
    articles = untidy(random.Random(7))  # noqa: S311
    with Store(tmp_path / "s.db", ONE) as store:
        assert store.ingest(articles).summary.articles == len(articles)
        again = store.ingest(articles)
        assert again.stories == ()
        assert (again.summary.articles, again.summary.repeated) == (0, len(articles))


def test_a_rebuilt_store_is_the_same(tmp_path: Path) -> None:
    """Everything is cleaned and matched again, ids and decisions stay."""
    path = tmp_path / "s.db"
    articles = untidy(random.Random(7))  # noqa: S311
    fed(path, parted(articles, 3, random.Random(2)))  # noqa: S311
    with Store(path, ONE) as store:
        before = [story.model_dump() for story in export(store)]
        assert store.rebuild().stories == ()
        assert [story.model_dump() for story in export(store)] == before
        assert store.verify().problems == ()


def test_what_one_run_stores_is_told_as_without_a_store(tmp_path: Path) -> None:
    """To the last field, the ids and links too."""
    articles = untidy(random.Random(7))  # noqa: S311
    with Store(tmp_path / "s.db", ONE) as store:
        store.ingest(articles)
        assert [each.model_dump() for each in export(store)] == [
            each.model_dump() for each in dedupe(articles, ONE).stories
        ]


def test_a_line_that_newly_counts_as_boilerplate_is_taken_off_old_pages(tmp_path: Path) -> None:
    """And exactly the articles that carry it are cleaned again."""
    pages = [
        article(f"p{i}", f"{body}\n\n{FRAME}", title=headline(random.Random(i)), source="The Echo")  # noqa: S311
        for i, body in enumerate(("\n\n".join(CHAIRS), "\n\n".join(KILN), labelled_text()[:900]))
    ]
    other = article("other", "\n\n".join(CHAIRS[2:]), title="Another page", source="The Post")
    with Store(tmp_path / "s.db", ONE) as store:
        store.ingest([*pages[:2], other])
        assert FRAME in store.show(story_id(store, "p0")).text
        changed = store.ingest(pages[2:])
        assert FRAME not in store.show(story_id(store, "p0")).text
    kinds = {v.article_id: s.change for s in changed.stories for v in s.variants}  # type: ignore[attr-defined]
    assert kinds["p2"] == "new"
    assert kinds["p0"] == kinds["p1"] == "updated"


def labelled_text() -> str:
    """Return the text of an article of another story."""
    return max((each.text for each in labelled_articles("wire").values()), key=len)


def story_id(store: Store, article_id: str) -> str:
    """Return the story of an article."""
    return store.explain(article_id).story_id


def test_too_many_reports_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do, and the store as it was."""
    monkeypatch.setattr(recleaning, "MAX_ARTICLES", 3)
    with Store(tmp_path / "s.db", ONE) as store:
        store.ingest([article("a", CHAIRS[0]), article("b", KILN[0])])
        with pytest.raises(StoreError, match="can number"):
            store.ingest([article("c", CHAIRS[1]), article("d", KILN[1])])
        assert store.stats().articles == 2
