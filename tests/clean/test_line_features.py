"""Features computed for many lines at once equal those of each line alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsdedup import text
from newsdedup.clean import NO_RECURRING_LINES, clean, clean_all, patterns
from newsdedup.clean.line_features import compute_line_features
from newsdedup.hashing import Vocabulary
from newsdedup.idf import load_idf_table
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
line_pieces = st.lists(
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), min_size=1, max_size=7), max_size=6
)


def join_pieces(drawn: list[list[str]], gap: str) -> list[str]:
    return [line for pieces in drawn if (line := text.normalise_whitespace(gap.join(pieces)))]


@settings(max_examples=600)
@given(line_pieces, st.sampled_from([" ", ""]))
def test_batch_features_equal_those_of_single_lines(drawn: list[list[str]], gap: str) -> None:
    """The features of a line equal the results of the single-line functions, whatever other lines there are."""
    lines = join_pieces(drawn, gap)
    features = compute_line_features(lines, Vocabulary(1 << 6))
    assert features.word_counts == [len(text.split_words(line)) for line in lines]
    assert features.ends_sentence == [text.ends_sentence(line) for line in lines]
    assert features.hints == list(map(patterns.find_hints, lines))
    for line, hints, may_have_dateline, is_title_case in zip(
        lines, features.hints, features.may_have_dateline, features.is_title_case, strict=True
    ):
        assert patterns.match_role(line, hints) == patterns.match_role(line, patterns.ALL_HINTS)
        assert may_have_dateline or patterns.parse_dateline(line) is None
        assert is_title_case in {None, patterns.is_title_case(line)}
    openings = [
        (text.split_words(line)[: HEADLINE_WORDS[0]], opening_hash)
        for line, opening_hash in zip(lines, features.opening_hashes, strict=True)
    ]
    for words, opening_hash in openings:
        assert all(
            opening_hash == other_hash
            for other_words, other_hash in openings
            if other_words == words and len(words) == HEADLINE_WORDS[0]
        )


@settings(max_examples=300)
@given(st.text() | st.lists(st.sampled_from(PIECES)).map(" ".join))
def test_min_normalised_length_is_a_lower_bound(line: str) -> None:
    """If the bound were too high, a repeated title could be missed."""
    assert text.min_normalised_length(line) <= len(text.normalise_text([line]))


@settings(max_examples=150)
@given(st.lists(line_pieces, max_size=4), st.sampled_from(["\n", "\n\n", "\n\n\n"]), st.sampled_from([" ", ". "]))
def test_clean_all_equals_clean_of_each_article(drawn: list[list[list[str]]], gap: str, inner: str) -> None:
    """The report of an article does not depend on the other articles of the batch."""
    pages = [gap.join(inner.join(pieces) for pieces in page) or "Nothing." for page in drawn]
    articles = [Article.of(str(i), page, title=page[:30]) for i, page in enumerate(pages)]
    idf_table = load_idf_table()
    assert clean_all(articles, NO_RECURRING_LINES, idf_table) == [
        clean(article, NO_RECURRING_LINES, idf_table) for article in articles
    ]


@pytest.mark.parametrize("count", [0, 1])
def test_empty_input_has_no_features(count: int) -> None:
    """No articles, and an article without any line."""
    assert compute_line_features([], Vocabulary(4)).word_counts == []
    assert len(clean_all([Article.of("a", "\n \n", title="A title")] * count)) == count
