"""What an outlet prints on page after page: counted over unlike articles, and never over the reprints of one."""

from __future__ import annotations

import math
import random
from itertools import permutations

import pytest
from pages import REPORT, background, body, page

from newsdedup.clean import EMPTY_TABLE, clean, count_lines
from newsdedup.clean.table import line_key
from newsdedup.config import RECURS_ARTICLES, RECURS_SHARE
from newsdedup.models import Article, Role

FRAME = "The Olden Observer has been printed on the quay since the year of the flood."
OUTLET = "olden observer"

# Reports that share nothing with each other, as (title, first paragraph, second paragraph).
REPORTS = (
    ("Ferry sinks off Toren", "The ferry sank in the night off Cape Toren.", "Nobody drowned, the coast guard said."),
    ("Brewery to close", "The brewery closes in autumn after 211 years.", "Its 40 workers learnt it by post."),
    ("Swan returns", "A swan is back on Lake Harn.", "It bit a councillor on the first morning."),
    ("Eggs dearer", "The price of eggs rose by a fifth in May.", "Farmers blame the cost of feed for that."),
    ("Museum thief confesses", "A painter has confessed to a theft in 1988.", "The picture hung above his bathtub."),
    ("Night trains may run", "A court let night trains run past the spa.", "Three hotels had sued the railway."),
)


def framed(index: int, *, source: str | None = "Olden Observer", url: str | None = None, extra: str = "") -> Article:
    """Return report `index` with the outlet's frame below it."""
    title, *paragraphs = REPORTS[index]
    lines = [*paragraphs, FRAME, extra] if extra else [*paragraphs, FRAME]
    return page("\n\n".join(lines), name=f"{source}-{index}{extra}", title=title, source=source, url=url)


def test_line_of_enough_unlike_articles_recurs() -> None:
    """The frame is learnt, the reports are not."""
    table = count_lines([framed(i) for i in range(RECURS_ARTICLES)])
    assert table.recurs(OUTLET, FRAME)
    assert set(table.repeats) == {(OUTLET, line_key(FRAME))}


def test_fewer_articles_teach_nothing() -> None:
    """Two articles with one sentence may be a report and its follow-up."""
    assert count_lines([framed(i) for i in range(RECURS_ARTICLES - 1)]) == EMPTY_TABLE


def test_a_line_is_known_in_any_case_and_marks() -> None:
    """The same words are the same line."""
    table = count_lines([framed(i) for i in range(RECURS_ARTICLES)])
    assert table.recurs(OUTLET, FRAME.upper().replace(".", " !"))
    assert not table.recurs(OUTLET, FRAME.replace("quay", "pier"))


def test_outlets_are_counted_apart() -> None:
    """A sentence of an agency in three outlets is a sentence of an agency."""
    articles = [framed(i, source=f"Outlet {i}") for i in range(len(REPORTS))]
    assert count_lines(articles) == EMPTY_TABLE
    table = count_lines([*articles, *(framed(i) for i in range(3))])
    assert not table.recurs("outlet 0", FRAME)


def test_unknown_outlet_teaches_nothing() -> None:
    """Without a source or URL nobody knows whose frame it would be."""
    articles = [framed(i, source=None) for i in range(len(REPORTS))]
    assert count_lines(articles) == EMPTY_TABLE


def test_host_of_the_url_is_an_outlet() -> None:
    """Where the source is missing the URL tells whose page it is."""
    articles = [framed(i, source=None, url=f"https://www.Olden.example/{i}") for i in range(3)]
    assert count_lines(articles).recurs("olden.example", FRAME)


def test_reprints_of_one_article_count_once() -> None:
    """Ten pages with one report repeat the report and not a frame."""
    again = [framed(0, extra=f"Page {i} of the evening edition.") for i in range(10)]
    assert count_lines(again) == EMPTY_TABLE
    assert count_lines([*again, framed(1)]) == EMPTY_TABLE
    table = count_lines([*again, framed(1), framed(2)])
    assert set(table.repeats) == {(OUTLET, line_key(FRAME))}


def test_reprints_under_other_titles_count_once() -> None:
    """Most of their lines are the same, whatever stands above them."""
    articles = [
        page(f"{FRAME}\n\n" + "\n\n".join(REPORT), name=title, title=title, source="Olden Observer")
        for title, *_ in REPORTS[:4]
    ]
    mixed = [
        page(f"{article.text}\n\nSeen by {i} readers today.", name=str(i), title=article.title, source="Olden Observer")
        for i, article in enumerate(articles)
    ]
    assert count_lines(mixed) == EMPTY_TABLE


def test_one_page_under_unlike_titles_is_a_frame() -> None:
    """A robot check: alike to the last line, and titles that have nothing in common."""
    check = "Checking that the connection is safe.\n\nThis takes a few seconds."
    articles = [page(check, name=title, title=title, source="Olden Observer") for title, *_ in REPORTS[:4]]
    assert count_lines(articles).recurs(OUTLET, "Checking that the connection is safe.")


def test_a_frame_is_on_a_share_of_what_the_outlet_prints() -> None:
    """Three notes among a wire's hundreds that share a row are no frame."""
    enough = math.ceil(RECURS_ARTICLES / RECURS_SHARE)
    others = [
        page(
            f"Note {i} tells of matter {i * 7} alone.", name=f"n{i}", title=f"Alpha{i} beta{i}", source="Olden Observer"
        )
        for i in range(enough + 1)
    ]
    framed_pages = [framed(i) for i in range(RECURS_ARTICLES)]
    assert count_lines([*framed_pages, *others[: enough - RECURS_ARTICLES]]).recurs(OUTLET, FRAME)
    assert not count_lines([*framed_pages, *others[: enough - RECURS_ARTICLES + 1]]).recurs(OUTLET, FRAME)


@pytest.mark.parametrize("seed", range(5))
def test_order_of_articles_changes_nothing(seed: int) -> None:
    """The table is a function of the set of articles."""
    articles = [
        *(framed(i) for i in range(5)),
        *(framed(0, extra=f"Page {i} of the evening edition.") for i in range(4)),
        *(framed(i, source="Varo Mail") for i in range(3)),
    ]
    expected = count_lines(articles)
    assert expected.repeats
    random.Random(seed).shuffle(articles)  # noqa: S311 - no secret
    assert count_lines(articles) == expected


def test_a_chain_of_likenesses_is_counted_alike_in_any_order() -> None:
    """Where the second is like the first and the third but these are unlike, who comes first must not decide."""
    titles = ("ferry sinks toren", "sinks toren night", "toren night storm", "eggs dearer again")
    articles = [
        page(f"{opening}\n\n{FRAME}", name=title, title=title, source="Olden Observer")
        for title, (_, opening, _) in zip(titles, REPORTS, strict=False)
    ]
    tables = [count_lines(order) for order in permutations(articles)]
    assert tables[0].recurs(OUTLET, FRAME)
    assert all(table == tables[0] for table in tables)


def report_with(line: str, at: int) -> tuple[Article, list[Article]]:
    """Return an article with `line` at a place of its own, and others of the outlet that print it too."""
    lines = [*REPORT[:at], line, *REPORT[at:]]
    article = page("\n\n".join(lines), name="asked", title="Olden drawbridge", source="Olden Observer")
    others = [
        page(f"{REPORTS[i][1]}\n\n{line}\n\n{REPORTS[i][2]}", name=str(i), title=REPORTS[i][0], source="Olden Observer")
        for i in range(RECURS_ARTICLES)
    ]
    return article, others


PLAIN = "Whoever wants to tell us more may come to the quay on any morning."
NAMED = "Whoever wants to tell us more may ask for Pernille Aas on the quay."
NUMBERED = "Whoever wants to tell us more may call 555 on any morning."


@pytest.mark.parametrize("line", [PLAIN, NAMED, NUMBERED], ids=["plain", "with a name", "with a number"])
@pytest.mark.parametrize("at", [0, len(REPORT)], ids=["first", "last"])
def test_recurring_line_at_the_edge_goes(line: str, at: int) -> None:
    """At the top or end of a page what recurs is frame, whatever it says."""
    article, others = report_with(line, at)
    report = clean(article, count_lines([article, *others]), background())
    assert body(report) == list(REPORT)
    assert [(each.kind, each.text) for each in report.removed] == [(Role.BOILERPLATE, line)]
    assert line in body(clean(article, EMPTY_TABLE, background()))


@pytest.mark.parametrize(
    ("line", "stays"), [(PLAIN, False), (NAMED, True), (NUMBERED, True)], ids=["plain", "with a name", "with a number"]
)
def test_recurring_line_inside_goes_only_without_facts(line: str, stays: bool) -> None:
    """Inside the report a line with a name or number of its own may be news that the outlet repeats."""
    article, others = report_with(line, 2)
    report = clean(article, count_lines([article, *others]), background())
    assert (line in body(report)) is stays


def test_another_outlet_may_print_the_line() -> None:
    """What one outlet repeats is news on another's page."""
    article, others = report_with(PLAIN, len(REPORT))
    elsewhere = page(article.text, name="elsewhere", title=article.title, source="Varo Mail")
    assert PLAIN in body(clean(elsewhere, count_lines([article, elsewhere, *others]), background()))
