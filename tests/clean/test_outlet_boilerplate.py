"""Recurring lines of an outlet: counted over unlike articles, never over reprints of one article."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import REPORT, background, body, page

from in_memory import count_recurring_lines
from newsdedup.clean import NO_RECURRING_LINES, RecurringLines, clean
from newsdedup.clean import outlet_boilerplate as tables
from newsdedup.clean.outlet_boilerplate import coarse_line_keys, line_key
from newsdedup.models import Article, Role
from newsdedup.text import split_words
from newsdedup.thresholds import (
    RECURRING_LINE_MAX_CARRIERS,
    RECURRING_LINE_MAX_REQUIRED,
    RECURRING_LINE_MIN_ARTICLES,
    RECURRING_LINE_MIN_SHARE,
)

TEMPLATE_LINE = "The Olden Observer has been printed on the quay since the year of the flood."
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


def is_recurring(table: RecurringLines, outlet: str, line: str) -> bool:
    """Call `RecurringLines.contains` with the word count of the line."""
    return table.contains(outlet, line, len(split_words(line)))


def framed(index: int, *, source: str | None = "Olden Observer", url: str | None = None, extra: str = "") -> Article:
    """Return report `index` with the outlet's boilerplate below it."""
    title, *paragraphs = REPORTS[index]
    lines = [*paragraphs, TEMPLATE_LINE, extra] if extra else [*paragraphs, TEMPLATE_LINE]
    return page("\n\n".join(lines), name=f"{source}-{index}{extra}", title=title, source=source, url=url)


def test_line_of_enough_unlike_articles_recurs() -> None:
    """The boilerplate recurs, the reports do not."""
    table = count_recurring_lines([framed(i) for i in range(RECURRING_LINE_MIN_ARTICLES)])
    assert is_recurring(table, OUTLET, TEMPLATE_LINE)
    assert set(table.article_counts) == {(OUTLET, line_key(TEMPLATE_LINE))}


def test_fewer_articles_teach_nothing() -> None:
    """Two articles with one sentence may be a report and its follow-up."""
    assert count_recurring_lines([framed(i) for i in range(RECURRING_LINE_MIN_ARTICLES - 1)]) == NO_RECURRING_LINES


def test_a_line_is_known_in_any_case_and_marks() -> None:
    """Lines with the same words are the same line."""
    table = count_recurring_lines([framed(i) for i in range(RECURRING_LINE_MIN_ARTICLES)])
    assert is_recurring(table, OUTLET, TEMPLATE_LINE.upper().replace(".", " !"))
    assert not is_recurring(table, OUTLET, TEMPLATE_LINE.replace("quay", "pier"))


def test_outlets_are_counted_apart() -> None:
    """An agency's sentence in three outlets is not boilerplate of any."""
    articles = [framed(i, source=f"Outlet {i}") for i in range(len(REPORTS))]
    assert count_recurring_lines(articles) == NO_RECURRING_LINES
    table = count_recurring_lines([*articles, *(framed(i) for i in range(3))])
    assert not is_recurring(table, "outlet 0", TEMPLATE_LINE)


def test_unknown_outlet_teaches_nothing() -> None:
    """Without a source or URL the outlet is unknown."""
    articles = [framed(i, source=None) for i in range(len(REPORTS))]
    assert count_recurring_lines(articles) == NO_RECURRING_LINES


def test_host_of_the_url_is_an_outlet() -> None:
    """If the source is missing, the outlet is derived from the URL."""
    articles = [framed(i, source=None, url=f"https://www.Olden.example/{i}") for i in range(3)]
    assert is_recurring(count_recurring_lines(articles), "olden.example", TEMPLATE_LINE)


def test_reprints_of_one_article_count_once() -> None:
    """Ten pages with the same report repeat the report, not boilerplate."""
    reprints = [framed(0, extra=f"Page {i} of the evening edition.") for i in range(10)]
    assert count_recurring_lines(reprints) == NO_RECURRING_LINES
    assert count_recurring_lines([*reprints, framed(1)]) == NO_RECURRING_LINES
    table = count_recurring_lines([*reprints, framed(1), framed(2)])
    assert set(table.article_counts) == {(OUTLET, line_key(TEMPLATE_LINE))}


def test_reprints_under_other_titles_count_once() -> None:
    """Pages with mostly the same lines count once even if their titles differ."""
    articles = [
        page(f"{TEMPLATE_LINE}\n\n" + "\n\n".join(REPORT), name=title, title=title, source="Olden Observer")
        for title, *_ in REPORTS[:4]
    ]
    mixed = [
        page(f"{article.text}\n\nSeen by {i} readers today.", name=str(i), title=article.title, source="Olden Observer")
        for i, article in enumerate(articles)
    ]
    assert count_recurring_lines(mixed) == NO_RECURRING_LINES


def test_one_page_under_unlike_titles_is_a_frame() -> None:
    """A robot check: pages with identical lines and unrelated titles."""
    check = "Checking that the connection is safe.\n\nThis takes a few seconds."
    articles = [page(check, name=title, title=title, source="Olden Observer") for title, *_ in REPORTS[:4]]
    assert is_recurring(count_recurring_lines(articles), OUTLET, "Checking that the connection is safe.")


def test_boilerplate_is_on_a_minimum_share_of_the_pages() -> None:
    """A row shared by three of a wire's hundreds of notes is not boilerplate."""
    enough = math.ceil(RECURRING_LINE_MIN_ARTICLES / RECURRING_LINE_MIN_SHARE)
    other_articles = [
        page(
            f"Note {i} tells of matter {i * 7} alone.", name=f"n{i}", title=f"Alpha{i} beta{i}", source="Olden Observer"
        )
        for i in range(enough + 1)
    ]
    framed_pages = [framed(i) for i in range(RECURRING_LINE_MIN_ARTICLES)]
    assert is_recurring(
        count_recurring_lines([*framed_pages, *other_articles[: enough - RECURRING_LINE_MIN_ARTICLES]]),
        OUTLET,
        TEMPLATE_LINE,
    )
    assert not is_recurring(
        count_recurring_lines([*framed_pages, *other_articles[: enough - RECURRING_LINE_MIN_ARTICLES + 1]]),
        OUTLET,
        TEMPLATE_LINE,
    )


@pytest.mark.parametrize("seed", range(5))
def test_order_of_articles_changes_nothing(seed: int) -> None:
    """The result depends only on the set of articles."""
    articles = [
        *(framed(i) for i in range(5)),
        *(framed(0, extra=f"Page {i} of the evening edition.") for i in range(4)),
        *(framed(i, source="Varo Mail") for i in range(3)),
    ]
    expected = count_recurring_lines(articles)
    assert expected.article_counts
    random.Random(seed).shuffle(articles)  # noqa: S311 - no secret
    assert count_recurring_lines(articles) == expected


def test_a_chain_of_likenesses_is_counted_alike_in_any_order() -> None:
    """If the second is like the first and the third, but these are unlike, the order of input must not matter."""
    titles = ("ferry sinks toren", "sinks toren night", "toren night storm", "eggs dearer again")
    articles = [
        page(f"{opening}\n\n{TEMPLATE_LINE}", name=title, title=title, source="Olden Observer")
        for title, (_, opening, _) in zip(titles, REPORTS, strict=False)
    ]
    tables = [count_recurring_lines(order) for order in permutations(articles)]
    assert is_recurring(tables[0], OUTLET, TEMPLATE_LINE)
    assert all(table == tables[0] for table in tables)


def report_with(line: str, index: int) -> tuple[Article, list[Article]]:
    """Return an article with `line` inserted at `index`, and other articles of the outlet with the same line."""
    lines = [*REPORT[:index], line, *REPORT[index:]]
    article = page("\n\n".join(lines), name="asked", title="Olden drawbridge", source="Olden Observer")
    other_articles = [
        page(f"{REPORTS[i][1]}\n\n{line}\n\n{REPORTS[i][2]}", name=str(i), title=REPORTS[i][0], source="Olden Observer")
        for i in range(RECURRING_LINE_MIN_ARTICLES)
    ]
    return article, other_articles


PLAIN = "Whoever wants to tell us more may come to the quay on any morning."
NAMED = "Whoever wants to tell us more may ask for Pernille Aas on the quay."
NUMBERED = "Whoever wants to tell us more may call 555 on any morning."


@pytest.mark.parametrize("line", [PLAIN, NAMED, NUMBERED], ids=["plain", "with a name", "with a number"])
@pytest.mark.parametrize("at", [0, len(REPORT)], ids=["first", "last"])
def test_recurring_line_at_the_edge_goes(line: str, at: int) -> None:
    """A recurring line at the top or end of a page is boilerplate, whatever it contains."""
    article, other_articles = report_with(line, at)
    report = clean(article, count_recurring_lines([article, *other_articles]), background())
    assert body(report) == list(REPORT)
    assert [(part.kind, part.text) for part in report.removed] == [(Role.BOILERPLATE, line)]
    assert line in body(clean(article, NO_RECURRING_LINES, background()))


@pytest.mark.parametrize(
    ("line", "stays"), [(PLAIN, False), (NAMED, True), (NUMBERED, True)], ids=["plain", "with a name", "with a number"]
)
def test_recurring_line_inside_goes_only_without_facts(line: str, stays: bool) -> None:
    """Inside the report a line with a name or number may be news that the outlet repeats."""
    article, other_articles = report_with(line, 2)
    report = clean(article, count_recurring_lines([article, *other_articles]), background())
    assert (line in body(report)) is stays


def test_another_outlet_may_print_the_line() -> None:
    """A line that one outlet repeats may be news on the page of another."""
    article, other_articles = report_with(PLAIN, len(REPORT))
    elsewhere = page(article.text, name="elsewhere", title=article.title, source="Varo Mail")
    assert PLAIN in body(clean(elsewhere, count_recurring_lines([article, elsewhere, *other_articles]), background()))


# -- many articles -------------------------------------------------------------------------------------------------

LINES = (
    TEMPLATE_LINE,
    "Menu",
    "ab 3.4 c",
    "a b 34 c",
    "It is the U.S. again.",
    "it is the US again",
    "© Olden 2025",
    "İstanbul",
    "Café é",
    "Cafe\u0301 É",
    "技术",
    "\ud800",
    "",
)
PAGES = st.tuples(
    st.sampled_from([None, "", "Ferry sinks", "Ferry sinks again", "Eggs dearer", "Swan returns to the lake", "Mayor"]),
    st.lists(
        st.one_of(
            st.sampled_from(LINES), st.integers(0, 9).map("Report {} tells of the town that it has changed.".format)
        ),
        max_size=5,
    ),
    st.sampled_from([None, "One", "Two"]),
)


def count_plainly(articles: list[Article]) -> dict[tuple[str, bytes], int]:
    """Return the `article_counts` of `count_recurring_lines` for small outlets, computed from every page."""
    pages = [tables._read_page(article) for article in articles if article.outlet is not None]
    carriers: dict[tuple[str, bytes], list[tables._Page]] = {}
    frequency = Counter((page_lines.outlet, key) for page_lines in pages for key in page_lines.lines)
    published = Counter(page_lines.outlet for page_lines in pages)
    for page_lines in pages:
        titled_page = replace(
            page_lines, title_words=page_lines.title_words or tables._find_distinctive_words(page_lines, frequency)
        )
        for key in page_lines.lines:
            carriers.setdefault((page_lines.outlet, key), []).append(titled_page)
    counts = {}
    for outlet_line, pages_with_line in carriers.items():
        min_unlike = max(RECURRING_LINE_MIN_ARTICLES, math.ceil(RECURRING_LINE_MIN_SHARE * published[outlet_line[0]]))
        if (unlike := tables._count_unlike(pages_with_line, outlet_line[1], min_unlike)) >= min_unlike:
            counts[outlet_line] = unlike
    return counts


@settings(max_examples=150)
@given(st.lists(PAGES, min_size=3, max_size=40))
def test_counts_equal_the_plain_count_on_small_outlets(
    given_pages: list[tuple[str | None, list[str], str | None]],
) -> None:
    """Selecting pages by their keys saves time and changes no count."""
    articles = [
        page("\n\n".join(lines), name=str(i), title=title, source=source)
        for i, (title, lines, source) in enumerate(given_pages)
    ]
    assert count_recurring_lines(articles).article_counts == count_plainly(articles)


@settings(max_examples=200)
@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from([*LINES, "’", "'", "U.S.", "3.4"])).map("".join)))
def test_lines_of_the_same_words_have_the_same_key(line: str) -> None:
    """Different lines may share a key, but a line never has two keys."""
    same = " ".join(line_words) if (line_words := split_words(line)) else ""
    for variant in (line.upper(), line.replace("'", "’"), f"— {line} …", same):
        if split_words(variant) == line_words:
            assert tables._coarse_key("olden", line) == tables._coarse_key("olden", variant)
    assert tables._coarse_key("olden", line) != tables._coarse_key("varo", line)


def test_line_keys_are_pinned() -> None:
    """Keys are the same in every process, because keys of different runs are compared."""
    article = page(f"{TEMPLATE_LINE}\n\nMenu\n\nMENU!", source="Olden Observer")
    assert coarse_line_keys(article).dtype == np.uint64
    assert coarse_line_keys(article).tolist() == PINNED
    assert not len(coarse_line_keys(page(TEMPLATE_LINE)))


PINNED = [11441339089645425323, 18122738944533151519]


def lettered(number: int) -> str:
    """Return a distinct word for each number, so that titles have nothing in common."""
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


def test_a_large_outlet_shows_its_boilerplate_in_its_first_carriers() -> None:
    """For a line in thousands of articles only a fixed number is read, of which a fixed number must be unlike."""
    published = math.ceil(RECURRING_LINE_MAX_REQUIRED / RECURRING_LINE_MIN_SHARE) + 200
    articles = [
        page(f"Number{i} is told here.\n\n{TEMPLATE_LINE}", name=str(i), title=lettered(i), source="Olden Observer")
        for i in range(published)
    ]
    assert count_recurring_lines(articles).article_counts == {
        (OUTLET, line_key(TEMPLATE_LINE)): RECURRING_LINE_MAX_REQUIRED
    }
    keys = [coarse_line_keys(article) for article in articles]
    all_keys, line_counts = np.concatenate(keys), np.array([len(article_keys) for article_keys in keys])
    outlets, titled = np.zeros(published, np.int64), np.ones(published, np.bool_)
    recurring = tables.find_recurring_keys(all_keys, line_counts, outlets)
    assert len(recurring) == 1
    carriers = tables.select_carriers(all_keys, line_counts, outlets, titled, recurring)
    assert carriers.tolist() == list(range(RECURRING_LINE_MAX_CARRIERS))


def test_a_line_below_the_minimum_share_is_not_boilerplate() -> None:
    """Reading only some of the pages must not lower the required share."""
    published = math.ceil(RECURRING_LINE_MAX_REQUIRED / RECURRING_LINE_MIN_SHARE) * 2
    rare = "One of the harbour's pages has this line."
    articles = [
        page(
            f"Number{i} is told here.\n\n{TEMPLATE_LINE}" + f"\n\n{rare}" * (i < RECURRING_LINE_MAX_REQUIRED + 10),
            name=str(i),
            title=lettered(i),
            source="Olden Observer",
        )
        for i in range(published)
    ]
    assert set(count_recurring_lines(articles).article_counts) == {(OUTLET, line_key(TEMPLATE_LINE))}
