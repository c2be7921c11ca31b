"""What an outlet prints on page after page: counted over unlike articles, and never over the reprints of one."""

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

from newsdedup.clean import EMPTY_TABLE, LineTable, clean, count_lines
from newsdedup.clean import outlet_boilerplate as tables
from newsdedup.clean.outlet_boilerplate import line_key, line_keys
from newsdedup.models import Article, Role
from newsdedup.text import words
from newsdedup.thresholds import RECURS_ARTICLES, RECURS_CARRIERS, RECURS_SHARE, RECURS_UNLIKE

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


def recurs(table: LineTable, outlet: str, line: str) -> bool:
    """Ask of a line with as many words as it has."""
    return table.recurs(outlet, line, len(words(line)))


def framed(index: int, *, source: str | None = "Olden Observer", url: str | None = None, extra: str = "") -> Article:
    """Return report `index` with the outlet's frame below it."""
    title, *paragraphs = REPORTS[index]
    lines = [*paragraphs, FRAME, extra] if extra else [*paragraphs, FRAME]
    return page("\n\n".join(lines), name=f"{source}-{index}{extra}", title=title, source=source, url=url)


def test_line_of_enough_unlike_articles_recurs() -> None:
    """The frame is learnt, the reports are not."""
    table = count_lines([framed(i) for i in range(RECURS_ARTICLES)])
    assert recurs(table, OUTLET, FRAME)
    assert set(table.repeats) == {(OUTLET, line_key(FRAME))}


def test_fewer_articles_teach_nothing() -> None:
    """Two articles with one sentence may be a report and its follow-up."""
    assert count_lines([framed(i) for i in range(RECURS_ARTICLES - 1)]) == EMPTY_TABLE


def test_a_line_is_known_in_any_case_and_marks() -> None:
    """The same words are the same line."""
    table = count_lines([framed(i) for i in range(RECURS_ARTICLES)])
    assert recurs(table, OUTLET, FRAME.upper().replace(".", " !"))
    assert not recurs(table, OUTLET, FRAME.replace("quay", "pier"))


def test_outlets_are_counted_apart() -> None:
    """A sentence of an agency in three outlets is a sentence of an agency."""
    articles = [framed(i, source=f"Outlet {i}") for i in range(len(REPORTS))]
    assert count_lines(articles) == EMPTY_TABLE
    table = count_lines([*articles, *(framed(i) for i in range(3))])
    assert not recurs(table, "outlet 0", FRAME)


def test_unknown_outlet_teaches_nothing() -> None:
    """Without a source or URL nobody knows whose frame it would be."""
    articles = [framed(i, source=None) for i in range(len(REPORTS))]
    assert count_lines(articles) == EMPTY_TABLE


def test_host_of_the_url_is_an_outlet() -> None:
    """Where the source is missing the URL tells whose page it is."""
    articles = [framed(i, source=None, url=f"https://www.Olden.example/{i}") for i in range(3)]
    assert recurs(count_lines(articles), "olden.example", FRAME)


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
    assert recurs(count_lines(articles), OUTLET, "Checking that the connection is safe.")


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
    assert recurs(count_lines([*framed_pages, *others[: enough - RECURS_ARTICLES]]), OUTLET, FRAME)
    assert not recurs(count_lines([*framed_pages, *others[: enough - RECURS_ARTICLES + 1]]), OUTLET, FRAME)


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
    assert recurs(tables[0], OUTLET, FRAME)
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


# -- many articles -------------------------------------------------------------------------------------------------

LINES = (
    FRAME,
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


def plain_count(articles: list[Article]) -> dict[tuple[str, bytes], int]:
    """Return what `count_lines` promises of small outlets, from every page."""
    pages = [tables._page(article) for article in articles if article.outlet is not None]
    carriers: dict[tuple[str, bytes], list[tables._Page]] = {}
    often = Counter((each.outlet, key) for each in pages for key in each.lines)
    published = Counter(each.outlet for each in pages)
    for each in pages:
        whole = replace(each, about=each.about or tables._own_words(each, often))
        for key in each.lines:
            carriers.setdefault((each.outlet, key), []).append(whole)
    out = {}
    for where, found in carriers.items():
        needed = max(RECURS_ARTICLES, math.ceil(RECURS_SHARE * published[where[0]]))
        if (unlike := tables._unlike(found, where[1], needed)) >= needed:
            out[where] = unlike
    return out


@settings(deadline=None, derandomize=True, max_examples=150)
@given(st.lists(PAGES, min_size=3, max_size=40))
def test_table_of_small_outlets_is_that_of_every_page(
    given_pages: list[tuple[str | None, list[str], str | None]],
) -> None:
    """Keys first and pages after is a matter of time alone."""
    articles = [
        page("\n\n".join(lines), name=str(i), title=title, source=source)
        for i, (title, lines, source) in enumerate(given_pages)
    ]
    assert count_lines(articles).repeats == plain_count(articles)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from([*LINES, "’", "'", "U.S.", "3.4"])).map("".join)))
def test_lines_of_the_same_words_have_the_same_key(line: str) -> None:
    """A key may be that of several lines, but never two those of one."""
    same = " ".join(line_words) if (line_words := words(line)) else ""
    for other in (line.upper(), line.replace("'", "’"), f"— {line} …", same):
        if words(other) == line_words:
            assert tables._coarse_key("olden", line) == tables._coarse_key("olden", other)
    assert tables._coarse_key("olden", line) != tables._coarse_key("varo", line)


def test_line_keys_are_pinned() -> None:
    """They are the same in every process, and whoever compares those of two runs relies on it."""
    article = page(f"{FRAME}\n\nMenu\n\nMENU!", source="Olden Observer")
    assert line_keys(article).dtype == np.uint64
    assert line_keys(article).tolist() == PINNED
    assert not len(line_keys(page(FRAME)))


PINNED = [11441339089645425323, 18122738944533151519]


def lettered(number: int) -> str:
    """Return a word of its own for each number, so that titles have nothing in common."""
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


def test_a_large_outlet_shows_its_frame_in_its_first_carriers() -> None:
    """Of a line in thousands of articles a fixed number is read, of which a fixed number must be unlike."""
    published = math.ceil(RECURS_UNLIKE / RECURS_SHARE) + 200
    articles = [
        page(f"Number{i} is told here.\n\n{FRAME}", name=str(i), title=lettered(i), source="Olden Observer")
        for i in range(published)
    ]
    assert count_lines(articles).repeats == {(OUTLET, line_key(FRAME)): RECURS_UNLIKE}
    keys = [line_keys(article) for article in articles]
    ends, lengths = np.concatenate(keys), np.array([len(each) for each in keys])
    outlets, titled = np.zeros(published, np.int64), np.ones(published, np.bool_)
    recurring = tables.recurring_keys(ends, lengths, outlets)
    assert len(recurring) == 1
    chosen = tables.carriers(ends, lengths, outlets, titled, recurring)
    assert chosen.tolist() == list(range(RECURS_CARRIERS))


def test_a_line_under_the_share_of_a_large_outlet_is_no_frame() -> None:
    """Whoever has to do with few pages only because few are read must not be asked less."""
    published = math.ceil(RECURS_UNLIKE / RECURS_SHARE) * 2
    rare = "One of the harbour's pages has this line."
    articles = [
        page(
            f"Number{i} is told here.\n\n{FRAME}" + f"\n\n{rare}" * (i < RECURS_UNLIKE + 10),
            name=str(i),
            title=lettered(i),
            source="Olden Observer",
        )
        for i in range(published)
    ]
    assert set(count_lines(articles).repeats) == {(OUTLET, line_key(FRAME))}
