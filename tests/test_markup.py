"""Markup: HTML and entities are read as text, and a text that only speaks of them is not changed."""

from __future__ import annotations

import pytest

from newsdedup import Article, dedupe
from newsdedup.markup import to_plain_text

MARKUP = {
    "paragraphs and emphasis": ("<p>Die <b>Fähre</b> ruht.</p>\n<p>Er\nwartet.</p>", "Die Fähre ruht.\n\nEr wartet."),
    "breaks": ("Мост открыт.<br><br>Река спала.<br/>Вода ушла.", "Мост открыт.\n\nРека спала.\nВода ушла."),
    "script and comment": ("<p>Uno.</p><script>var a = '<p>';</script><!-- dos --><p>Tres.</p>", "Uno.\n\nTres."),
    "a link in plain text": ("Le <a href='x'>pont</a> ferme\n\nDemain <PGULF>", "Le pont ferme\n\nDemain <PGULF>"),
    "entities": ("L&rsquo;&eacute;t&eacute; &amp;quot;chaud&amp;quot; AT&T &copy=2", 'L’été "chaud" AT&T &copy=2'),
    "encoded twice": ("&lt;p&gt;Een brug &amp;amp; een sluis&lt;/p&gt;", "Een brug & een sluis"),
    "a tag that HTML shows": ("<p>El <i>texto</i> usa &lt;br&gt;.</p>", "El texto usa <br>."),
}
UNTOUCHED = [
    "Shares of <PGULF> and <P> rose, a < b and b > c.",
    'Use `<p>` and `</p>`, or "<br>" and "<br>".',
    "Ein <br> allein",
    "",
]


@pytest.mark.parametrize(("markup", "plain"), MARKUP.values(), ids=MARKUP)
def test_markup_is_read(markup: str, plain: str) -> None:
    """Tags go, paragraphs and breaks become lines, entities are decoded."""
    assert to_plain_text(markup) == plain


@pytest.mark.parametrize("plain", UNTOUCHED)
def test_text_that_is_no_markup_is_kept(plain: str) -> None:
    """Tickers, signs of comparison and tags that are spoken of stay."""
    assert to_plain_text(plain) == plain


def test_rows_of_a_table_are_lines() -> None:
    """Cells of one row stay on one line."""
    table = "<table><tr><td>Tarnow</td><td>12</td></tr><tr><td>Oderin</td><td>9</td></tr></table>"
    assert [line.split() for line in to_plain_text(table).splitlines() if line] == [["Tarnow", "12"], ["Oderin", "9"]]


def test_copy_without_markup_is_the_base() -> None:
    """A copy with entities reads the same, but of two equal reports the one without markup is the base."""
    plain = "A fire broke out in a paper store in Lysgard on Sunday.\n\nThe police don’t know the cause, they said."
    copies = [Article.of("a", plain.replace("’", "&amp;#8217;")), Article.of("b", plain)]
    (story,) = dedupe(copies).stories
    assert [variant.article_id for variant in story.variants] == ["b", "a"]
    assert "#8217" not in story.text
