"""What is told of many lines at once is what is told of each alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdedup import text
from newsdedup.clean import EMPTY_TABLE, clean, clean_all, patterns
from newsdedup.clean.line_features import features_of
from newsdedup.hashing import Vocabulary
from newsdedup.idf import load_background
from newsdedup.models import Article
from newsdedup.thresholds import HEADLINE_WORDS

PIECES = [
    "Read more: the river rose",
    "Share",
    "The mayor said",
    "the Report was",
    "in video",
    "Photo",
    "photograph",
    "(AP)",
    "3 of 12",
    "hide caption",
    "WATCH",
    "MUST WATCH Replay",
    "Sign up for our newsletter",
    "your inbox",
    "two days ago",
    "ago",
    "PARIS —",
    "Paris (Reuters) -",
    "LONDON, March 3 --",
    "Ein Fluß: viel",
    "year-old",
    "Rome: ",
    "25%41%42%43",
    "a/b/c/d",
    "<p>x</p>",
    "©",
    "|",
    ">",
    "@",
    "Inc.",
    "St.",
    "U.S.",
    "Co.",
    "No.",
    "ended.",
    "ended!",
    "why?",
    "said,",
    "it’s",
    "“So.”",
    "so.)",
    "so…",
    "St…",
    "€",
    "x” ",
    ".",
    '"',
    "'",
    ")",
    "é",
    "É",
    "Ünder",
    "東京",
    "ไทย",
    "한국어",
    "Москва",
    "\x00",
    "\x96",
    "\x85",
    "\ud800",
    "e\u0301",
    "\xa0",
    "\u2028",
    "I\u0307",
    "ſ",
    "ﬁ",
    "1,000",
    "word " * 62,
    "Four More Capital Words Here",
    "Update",
]
lines_of = st.lists(
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), min_size=1, max_size=7), max_size=6
)


def folded(drawn: list[list[str]], gap: str) -> list[str]:
    return [line for pieces in drawn if (line := text.fold(gap.join(pieces)))]


@settings(max_examples=600, deadline=None)
@given(lines_of, st.sampled_from([" ", ""]))
def test_features_are_those_of_each_line_alone(drawn: list[list[str]], gap: str) -> None:
    """Whatever stands beside a line, its features are what the functions over one line say."""
    lines = folded(drawn, gap)
    found = features_of(lines, Vocabulary(1 << 6))
    assert found.words == [len(text.words(line)) for line in lines]
    assert found.ends == [text.ends_sentence(line) for line in lines]
    for line, hinted, dated, titled in zip(lines, found.hinted, found.dated, found.title_case, strict=True):
        assert patterns.role_of(line, hinted) == patterns.role_of(line, 7)
        assert not hinted & patterns.OPENING or hinted == patterns.hints(line)
        assert dated or patterns.dateline(line) is None
        assert titled in {None, patterns.is_title_case(line)}
    opened = [(text.words(line)[: HEADLINE_WORDS[0]], one) for line, one in zip(lines, found.opening, strict=True)]
    for words, one in opened:
        assert all(one == other for same, other in opened if same == words and len(words) == HEADLINE_WORDS[0])


@settings(max_examples=300, deadline=None)
@given(st.text() | st.lists(st.sampled_from(PIECES)).map(" ".join))
def test_words_are_at_least_as_long_as_what_must_stay(line: str) -> None:
    """A bound that were too high would pass a repeated title by."""
    assert text.least_normalised(line) <= len(text.normalised([line]))


@settings(max_examples=150, deadline=None)
@given(st.lists(lines_of, max_size=4), st.sampled_from(["\n", "\n\n", "\n\n\n"]), st.sampled_from([" ", ". "]))
def test_reports_are_those_of_each_article_alone(drawn: list[list[list[str]]], gap: str, inner: str) -> None:
    """No article of a batch changes the report of another."""
    pages = [gap.join(inner.join(pieces) for pieces in page) or "Nothing." for page in drawn]
    articles = [Article.of(str(i), page, title=page[:30]) for i, page in enumerate(pages)]
    background = load_background()
    assert clean_all(articles, EMPTY_TABLE, background) == [clean(each, EMPTY_TABLE, background) for each in articles]


@pytest.mark.parametrize("count", [0, 1])
def test_of_nothing_there_is_nothing_to_tell(count: int) -> None:
    """No article, and an article without a line."""
    assert features_of([], Vocabulary(4)).words == []
    assert len(clean_all([Article.of("a", "\n \n", title="A title")] * count)) == count
