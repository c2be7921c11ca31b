"""Delimited text: where it is split, what is a header, and what remains text."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdedup.config import Config
from newsdedup.errors import ConfigError
from newsdedup.models import Article, Rejected
from newsdedup.readers import load
from newsdedup.readers.formats.text import read_delimited
from newsdedup.readers.reader import Context


def read_items(text: str, **settings: object) -> list[Article | Rejected]:
    return list(read_delimited(BytesIO(text.encode()), Context("a.txt", Config.model_validate(settings))))


def read_texts(text: str, **settings: object) -> list[str]:
    return [item.text for item in read_items(text, **settings) if isinstance(item, Article)]


def read_one(text: str, **settings: object) -> Article:
    (item,) = read_items(text, **settings)
    assert isinstance(item, Article)
    return item


SPLITS = {
    "no delimiter": ("One.\n\nTwo.", ["One.\n\nTwo."]),
    "a rule once is a section break": ("One.\n=====\nTwo.", ["One.\n=====\nTwo."]),
    "a rule before a header": ("One.\n=====\nTitle: T\n\nTwo.", ["One.", "Two."]),
    "a rule, blank lines, a header": ("One.\n-----\n\n\nBy: Ann\n\nTwo.", ["One.", "Two."]),
    "a rule before front matter": ("One.\n-----\n---\ntitle: T\n---\nTwo.", ["One.", "Two."]),
    "the same rule twice": ("One.\n#####\nTwo.\n#####\nThree.", ["One.", "Two.", "Three."]),
    "the same but for blanks around it": ("One.\n  ~~~~~ \nTwo.\n~~~~~\nThree.", ["One.", "Two.", "Three."]),
    "two rules of other length": ("One.\n=====\nTwo.\n======\nThree.", ["One.\n=====\nTwo.\n======\nThree."]),
    "two rules of other signs": ("One.\n=====\nTwo.\n-----\nThree.", ["One.\n=====\nTwo.\n-----\nThree."]),
    "four signs are no rule": ("One.\n====\nTwo.\n====\nThree.", ["One.\n====\nTwo.\n====\nThree."]),
    "mixed signs are no rule": ("One.\n==-==\nTwo.\n==-==\nThree.", ["One.\n==-==\nTwo.\n==-==\nThree."]),
    "other signs are no rule": ("One.\n*****\nTwo.\n*****\nThree.", ["One.\n*****\nTwo.\n*****\nThree."]),
    "a rule with words is none": ("One.\n===== Two\n===== Two", ["One.\n===== Two\n===== Two"]),
    "form feed": ("One.\n\fTwo.", ["One.", "Two."]),
    "form feed amid a line": ("One.\fTwo.", ["One.", "Two."]),
    "empty pieces are no records": ("=====\n\n=====\nOne.\n=====\n=====\n\f\n", ["One."]),
    "windows line ends": ("One.\r\n=====\r\nTitle: T\r\n\r\nTwo.\r\nMore.", ["One.", "Two.\nMore."]),
    "indentation stays": ("    One\ntwo.\n", ["    One\ntwo."]),
}


@pytest.mark.parametrize(("text", "expected"), SPLITS.values(), ids=SPLITS)
def test_text_splits_where_the_rule_says(text: str, expected: list[str]) -> None:
    assert read_texts(text) == expected


@pytest.mark.parametrize("sign", "=-%~#")
def test_each_sign_of_a_rule_parts_articles(sign: str) -> None:
    assert read_texts(f"One.\n{sign * 5}\nTitle: T\n\nTwo.") == ["One.", "Two."]


OVERRIDES = {
    "a regex replaces the rule": (
        r"\*{3}",
        "One.\n***\nTwo.\n=====\nTitle: T\n=====",
        ["One.", "Two.\n=====\nTitle: T\n====="],
    ),
    "it must match the whole line": (r"\*{3}", "One.\n*** \n****\nTwo.", ["One.\n*** \n****\nTwo."]),
    "none never splits": ("none", "One.\n=====\nTitle: T\n=====\fTwo.", ["One.\n=====\nTitle: T\n=====\fTwo."]),
}


@pytest.mark.parametrize(("delimiter", "text", "expected"), OVERRIDES.values(), ids=OVERRIDES)
def test_a_delimiter_of_the_users_replaces_the_rule(delimiter: str, text: str, expected: list[str]) -> None:
    assert read_texts(text, delimiter=delimiter) == expected


def test_a_broken_regex_is_a_config_error_at_the_call() -> None:
    with pytest.raises(ConfigError, match=r"delimiter '\(' is not a valid regular expression"):
        load([], Config.model_validate({"delimiter": "("}))


def test_several_articles_are_numbered_and_one_is_called_by_its_path() -> None:
    several = read_items("One.\n=====\n\n=====\nTwo.\n=====\nTitle: T\n")
    assert [(item.record, item.article_id if isinstance(item, Article) else None) for item in several] == [
        (1, "a.txt#1"),
        (2, "a.txt#2"),
        (3, None),
    ]
    assert isinstance(several[2], Rejected)
    assert several[2].reason.startswith("no text")
    assert (read_one("One.").article_id, read_one("One.").record) == ("a.txt", 1)


def test_a_header_block_gives_the_fields_and_leaves_the_text() -> None:
    article = read_one(
        "Title: A bridge opens\nSOURCE: The Courier\ndate: 26 April 2025\nBy: Ann Lee\nURL: http://x.test/a\n"
        "language: en\nId: 7\nSection: Local\nWord count: 12\n\nThe bridge: it opened.\n"
    )
    assert article.text == "The bridge: it opened."
    assert (article.title, article.source, article.author) == ("A bridge opens", "The Courier", "Ann Lee")
    assert (article.published, article.published_raw) == ("2025-04-26", "26 April 2025")
    assert (article.url, article.language, article.article_id) == ("http://x.test/a", "en", "7")
    assert article.extra == {"Section": "Local", "Word count": "12"}


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("Title", "title"),
        ("Headline", "title"),
        ("Source", "source"),
        ("Outlet", "source"),
        ("Publisher", "source"),
        ("Date", "published_raw"),
        ("Published", "published_raw"),
        ("Author", "author"),
        ("By", "author"),
        ("URL", "url"),
        ("Language", "language"),
        ("Id", "article_id"),
    ],
)
@pytest.mark.parametrize("case", [str.upper, str.lower, str.title])
def test_each_known_key_starts_a_header_in_any_case(key: str, field: str, case: type[str]) -> None:
    article = read_one(f"\n{case(key)}: value\n\nText.")
    assert (getattr(article, field), article.text) == ("value", "Text.")


NO_HEADER = {
    "a dateline": "HONG KONG: China's president spoke.\n\nMore.",
    "an unknown key": "Section: Local\n\nMore.",
    "a known key further down": "The bridge opened.\nTitle: T\n\nMore.",
    "a byline without a colon": "By Jane Doe\n\nMore.",
    "a known key without a value": "Title:\n\nMore.",
}


@pytest.mark.parametrize("text", NO_HEADER.values(), ids=NO_HEADER)
def test_text_that_opens_with_no_known_field_keeps_every_line(text: str) -> None:
    article = read_one(text)
    assert (article.text, article.title, article.author, article.extra) == (text, None, None, {})


ENDS = {
    "a sentence": ("Title: T\nThe bridge opened.\nAuthor: none of it.", "The bridge opened.\nAuthor: none of it."),
    "a dateline in capitals": (
        "Title: T\nHONG KONG: The new bridge over the harbour opened on Saturday, two years late, officials said.",
        "HONG KONG: The new bridge over the harbour opened on Saturday, two years late, officials said.",
    ),
    "an address": ("Title: T\nhttp://x.test/a is down.", "http://x.test/a is down."),
    "a long clause with a colon": (
        "Title: T\nWhat they said in the end was: no.",
        "What they said in the end was: no.",
    ),
}


@pytest.mark.parametrize(("text", "body"), ENDS.values(), ids=ENDS)
def test_a_line_that_is_no_field_ends_the_header_and_is_not_lost(text: str, body: str) -> None:
    article = read_one(text)
    assert (article.title, article.text) == ("T", body)


def test_a_field_given_twice_keeps_the_first_and_carries_the_other() -> None:
    article = read_one("Title: First\nHeadline: Second\n\nText.")
    assert (article.title, article.extra) == ("First", {"Headline": "Second"})


def test_front_matter_gives_the_fields() -> None:
    article = read_one(
        "---\ntitle: \"A bridge: open\"\ndate: '2025-04-26'\n# remark\ntags:\n  - local\n- roads\n\nlayout: post\n---\n"
        "\nText.\n---\nMore."
    )
    assert (article.title, article.published) == ("A bridge: open", "2025-04-26")
    assert article.extra == {"tags": "- local - roads", "layout": "post"}
    assert article.text == "Text.\n---\nMore."


NO_FRONT_MATTER = {
    "never closed": "---\ntitle: T\n\nText.",
    "no field within": "---\n# remark\n---\nText.",
    "prose within": "---\ntitle: T\nThe bridge opened.\n---\nText.",
    "not on the first line": "Text.\n---\ntitle: T\n---\nMore.",
}


@pytest.mark.parametrize("text", NO_FRONT_MATTER.values(), ids=NO_FRONT_MATTER)
def test_dashes_that_are_no_front_matter_stay_text(text: str) -> None:
    assert (read_one(text).text, read_one(text).title) == (text, None)


def test_a_text_longer_than_a_record_may_be_is_rejected_and_the_rest_goes_on() -> None:
    limit = 40
    accepted, dropped = read_items(f"Short.\n=====\nTitle: T\n\n{'x' * (limit + 1)}", max_record_chars=limit)
    assert isinstance(accepted, Article)
    assert isinstance(dropped, Rejected)
    assert (dropped.record, dropped.reason) == (2, f"text longer than {limit} characters (max_record_chars)")
    assert read_texts("x" * limit, max_record_chars=limit) == ["x" * limit]


LINES = st.lists(st.sampled_from(["=====", "-----", "---", "Title: T", "Section: S", "Text.", "  more", "", "\f"]))


@given(LINES)
def test_every_word_of_a_file_comes_out_and_records_count_up(lines: list[str]) -> None:
    """No line of text is lost, whatever is around it: no delimiter, header or fence swallows one."""
    items = read_items("\n".join(lines))
    assert [item.record for item in items] == list(range(1, len(items) + 1))
    joined_text = "\n".join(item.text for item in items if isinstance(item, Article))
    assert joined_text.count("Text.") == lines.count("Text.")
