"""Turns a text that is HTML, or has HTML entities, into plain text.

A text is HTML if it uses tags and does not only speak of them:

- it begins with the tag of a paragraph, a division, a list or a similar element that it also closes;
- or it closes at least two such elements that it opens, or has two `<br>`;
- or it contains a link (`<a href=...>...</a>`), or two elements for emphasis that it opens and closes.

A tag right after a quotation mark or a backtick is spoken of, and so is one in capitals, which may be a ticker such as
`<PGULF>`. A text with only such tags, or with `<` elsewhere, is not HTML and keeps them; so does plain text with an
HTML document inside, which is an embed printed by mistake.

The tags are found with one regular expression and not with `html.parser`, whose time grows with the square of the
length on unclosed comments and declarations.
"""

from __future__ import annotations

import html
import re
from collections import Counter

from newsdedup.thresholds import MAX_ENTITY_ROUNDS, MIN_MARKUP_TAGS

_BLOCKS = frozenset(
    "p div ul ol li table tr h1 h2 h3 h4 h5 h6 blockquote section article figure figcaption dl dt dd pre main header "
    "footer aside nav html body thead tbody".split()
)
_LINES = frozenset("br li tr dt dd".split())  # elements that begin a line; the other blocks begin a paragraph
_INLINE = frozenset("a b i em strong u s span font small sup sub mark q cite img".split())
_EMPTY = frozenset("hr input meta link source wbr".split())  # never closed
_CELLS = frozenset(("td", "th"))
_HIDDEN = frozenset("script style head template noscript iframe svg".split())
# A name followed by attributes. A tag has no other `<`, so the search is linear.
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,11})(?=[\s/>])([^<>]{0,4000})>")
_SPOKEN_OF = frozenset("`\"'“‘„«‹")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_COMMENT_PIECES = re.compile(r"<!--|-->")
_SPACES = re.compile(r"[ \t\r]{0,64}\n[ \t\r]{0,64}")
_BLANK_LINES = re.compile(r"\n{3,}")


def to_plain_text(text: str) -> str:
    """Return `text` with its entities decoded, also if they were encoded twice, and without tags if it is HTML."""
    was_html = "<" in text and is_html(text)
    if was_html:
        text = _strip_tags(text)
    elif "&" in text and "<" not in text and is_html(decoded := decode_entities(text)):
        return decode_entities(_strip_tags(decoded))
    return decode_entities(text)


def count_markup(text: str) -> int:
    """Return about how many tags and entities `text` has."""
    return text.count("<") + text.count("&")


def decode_entities(text: str) -> str:
    """Return `text` with its entities decoded. Only those that end in a semicolon count: `AT&T` stays."""
    for _ in range(MAX_ENTITY_ROUNDS):
        if "&" not in text or (decoded := _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)) == text:
            break
        text = decoded
    return text


def is_html(text: str) -> bool:
    """Return whether `text` is HTML, by the rule at the top of this file."""
    opened, closed = Counter[str](), Counter[str]()
    has_link, first_block = False, None
    text_start = len(text) - len(text.lstrip())
    for tag in _TAG.finditer(text):
        name = tag[2]
        if name.isupper() or text[tag.start() - 1 : tag.start()] in _SPOKEN_OF:
            continue
        if tag[1]:
            closed[name] += 1
            continue
        if name == "html" and tag.start() > text_start:
            return False
        opened[name] += 1
        has_link |= name == "a" and "href" in tag[3]
        if tag.start() == text_start and name in _BLOCKS:
            first_block = name
    pairs = {name: min(count, closed[name]) for name, count in opened.items()}
    return (
        (first_block is not None and pairs[first_block] > 0)
        or sum(count for name, count in pairs.items() if name in _BLOCKS) >= MIN_MARKUP_TAGS
        or opened["br"] + closed["br"] >= MIN_MARKUP_TAGS
        or (has_link and pairs["a"] > 0)
        or sum(count for name, count in pairs.items() if name in _INLINE) >= MIN_MARKUP_TAGS
    )


def _strip_tags(text: str) -> str:
    """Return the text of HTML: paragraphs parted by blank lines, breaks, entries and rows as lines, cells by spaces."""
    text = _remove_comments(text)
    names = {tag[2].lower() for tag in _TAG.finditer(text)}
    elements = {tag[2].lower() for tag in _TAG.finditer(text) if tag[1]} | _HIDDEN | _EMPTY
    keeps_lines = not names & (_BLOCKS | {"br"})
    pieces: list[str] = []
    start, hidden = 0, None
    for tag in _TAG.finditer(text):
        name = tag[2].lower()
        if hidden is None:
            pieces.append(_fold_lines(text[start : tag.start()], keeps_lines))
        start = tag.end()
        if name == hidden:
            hidden = None if tag[1] else hidden
        elif hidden is None and name in _HIDDEN and not tag[1] and not tag[3].endswith("/"):
            hidden = name
        elif hidden is None and name in _BLOCKS | _LINES | _CELLS | _INLINE:
            pieces.append(_separator_for(name))
        elif hidden is None and name not in elements:
            pieces.append(tag[0])
    if hidden is None:
        pieces.append(_fold_lines(text[start:], keeps_lines))
    return _BLANK_LINES.sub("\n\n", _SPACES.sub("\n", "".join(pieces))).strip()


def _separator_for(name: str) -> str:
    return "\n" if name in _LINES else "\n\n" if name in _BLOCKS else " " if name in _CELLS else ""


def _fold_lines(text: str, keeps_lines: bool) -> str:
    """Return a piece of text as HTML shows it: a line end is a space. Blank lines part paragraphs in raw feeds."""
    if keeps_lines or "\n" not in text:
        return text
    paragraphs = _SPACES.sub("\n", text).split("\n\n")
    return "\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs)


def _remove_comments(text: str) -> str:
    """Return `text` without HTML comments; one that is not closed stays."""
    pieces: list[str] = []
    start, opened = 0, None
    for mark in _COMMENT_PIECES.finditer(text):
        if opened is None and mark[0] == "<!--":
            opened = mark.start()
        elif opened is not None and mark[0] == "-->":
            pieces.append(text[start:opened])
            start, opened = mark.end(), None
    return "".join((*pieces, text[start:]))
