"""No text makes the tool slow: the time of a run grows with the length of its texts, whatever they are.

Each hostile text is made in two lengths, one twice the other, and its reports are cleaned, compared and merged: alone,
with a copy, and with a text that has half of it. A time per byte that grows from one length to the next is work that
grows with the square.
"""

from __future__ import annotations

import gc
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count

import pytest

from builders import article, slowness
from newsdedup import dedupe
from newsdedup.models import Article

MAX_GROWTH_PER_BYTE = 1.3
"""Largest time per byte of a text, relative to that of a text of half its length."""
FLOOR_SECONDS = 0.5
"""Shorter times say nothing: start-up and other programs make them."""
LIMIT_SECONDS = 30
CHARS = 80_000

_CHANCE = random.Random(3)  # noqa: S311 - no secret
WORDS = ["".join(_CHANCE.choice("bdfgklmnprst") + _CHANCE.choice("aeiou") for _ in range(3)) for _ in range(3000)]


def word(index: int) -> str:
    """Return a word; many indices in a row give different ones."""
    return WORDS[index * 17 % len(WORDS)]


def phrase(index: int, size: int, step: int = 31) -> str:
    """Return a sequence of words that few other indices have in common."""
    return " ".join(WORDS[(index * 97 + i * i * step) % len(WORDS)] for i in range(size))


def repeat(piece: str) -> Callable[[int], str]:
    """Return the function that repeats a piece up to a number of characters."""
    return lambda chars: piece * (chars // len(piece))


def number(make_piece: Callable[[int], str]) -> Callable[[int], str]:
    """Return the function that joins numbered pieces up to a number of characters."""

    def join(chars: int) -> str:
        pieces: list[str] = []
        size = 0
        for index in count():
            if size >= chars:
                break
            pieces.append(make_piece(index))
            size += len(pieces[-1])
        return "".join(pieces)

    return join


def write_prose(chars: int, step: int) -> str:
    """Return sentences of ordinary length; another step gives other words."""
    return number(lambda i: f"{phrase(i, 12, step).capitalize()}. ")(chars)


HOSTILE: dict[str, Callable[[int], str]] = {
    # sentences
    "equal short sentences": repeat("It ran. It sat. "),
    "different short sentences": number(lambda i: f"{word(i).title()} {word(i * 3 + 1)}. "),
    "questions": number(lambda i: f"What is {word(i)}? "),
    "sentences of Han": number(lambda i: f"{chr(0x4E00 + i * 7 % 5000)}{chr(0x4E00 + i * 13 % 5000)}。"),
    "sentences that share words": number(lambda i: f"The mayor said {phrase(i, 6)} on Monday. "),
    "sentences of numbers": number(
        lambda i: f"About {i * 7919 % 99991} people in {word(i).title()} paid {i} dollars. "
    ),
    "initials": repeat("J. "),
    "abbreviations": repeat("Mr. Dr. St. "),
    "one word": repeat("a"),
    "one word of Han": repeat("市"),
    "one long sentence": number(lambda i: f"{word(i)} "),
    "names": number(lambda i: f"{word(i).title()} {word(i + 1).title()} "),
    "capital letters": repeat("A B C "),
    "numbers": number(lambda i: f"{i * 7919 % 99991} "),
    "dates": number(lambda i: f"{i % 28 + 1} March {1900 + i % 120}, "),
    "quotations": number(lambda i: f'"{word(i)} {word(i * 3)}" '),
    "open quotations": repeat("“a b. "),
    "quotation marks": repeat("«"),
    "brackets": repeat("("),
    "combining marks": repeat("\u0301\u0327"),
    # paragraphs
    "lines of one character": repeat("a\n"),
    "blank lines": lambda chars: f"It ran.{chr(10) * chars}It sat.",
    "equal paragraphs": repeat("The port of the city was closed on Monday after a storm in the town.\n\n"),
    "paragraphs nearly equal": number(lambda i: f"The port of the city was closed on Monday after a {word(i)}.\n\n"),
    "paragraphs that open alike": number(lambda i: f"The mayor of the city said {phrase(i, 9)}.\n\n"),
    "paragraphs that begin others": number(lambda i: f"The mayor of the city said that {'x ' * (i % 300)}.\n\n"),
    "headlines that open alike": number(lambda i: f"Mayor of the city says {phrase(i, 3)}\n"),
    "headlines": number(lambda i: f"{phrase(i, 7).title()}\n"),
    "blocks of headlines": number(lambda i: f"{phrase(i, 7).title()}\n\n\n"),
    "subheads": number(lambda i: f"{phrase(i, 14).capitalize()}.\n\n{word(i).title()}\n\n"),
    "wrapped lines": number(lambda i: f"{phrase(i, 9)}\n"),
    "pronouns": number(lambda i: f"He {phrase(i, 9)}.\n\n"),
    # lines of the page
    "datelines": number(lambda i: f"PARIS, March 3 (Reuters) - The mayor {phrase(i, 12)}.\n\n"),
    "places with hyphens": lambda chars: "AA-" * (chars // 3) + " x - y",
    "places with slashes": lambda chars: "A-A-A-A/" * (chars // 8) + " x - y",
    "places with articles": repeat("DE LA DE LA DE LA DE LA DE LA DE LA DE LA x: y — z\n"),
    "abbreviated places": lambda chars: "ST./" * (chars // 4) + " x - y",
    "links": repeat("http://t.co/abcd "),
    "lines of links": repeat("pic.twitter.com/abc http://t.co/abcd .https://a ! x\n"),
    "bars": repeat(" | a"),
    "slashes": repeat(" / a"),
    "lines of slashes": repeat("a / b  /   •  - | c • d · / \n"),
    "buttons": repeat("FacebookTwitterEmail\nShare on Facebook!\n"),
    "furniture": repeat("Read more\nAdvertisement\nTopics:\nPhoto: AP\n3 May 2025\n"),
    "agencies": lambda chars: "It ran. " + "AP/" * (chars // 3),
    "bylines": repeat("By Ann-'.-'.-'.-'.-'.-'.-'.-'. x - y\n"),
    "page speech": number(lambda i: f"We want you to click here and sign up for {word(i)}.\n\n"),
    "captions": repeat("Photo "),
    "counters": repeat("1 of 2 "),
    # markup
    "tags": repeat("<p>a"),
    "nested tags": lambda chars: "<div>" * (chars // 11) + "a" + "</div>" * (chars // 11),
    "open tags": lambda chars: "<p>a</p><p>b</p>" + "<a " * (chars // 3),
    "comments": lambda chars: "<p>a</p><p>b</p>" + "<!--" * (chars // 4),
    "entities": lambda chars: "&" + "amp;" * (chars // 4),
    "tags in a line": lambda chars: "<ul>" + "a</a" * (chars // 4),
}


@contextmanager
def limit_time() -> Iterator[None]:
    """Fail after LIMIT_SECONDS: work that doubles with each character would never end."""

    def stop(*_: object) -> None:
        pytest.fail(f"more than {LIMIT_SECONDS} s")

    previous = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LIMIT_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


def measure(articles: Sequence[Article]) -> float:
    """Return the seconds of CPU time of a run, without garbage collection, which depends on what ran before."""
    gc.collect()
    gc.disable()
    started = time.process_time()
    try:
        dedupe(articles)
        return time.process_time() - started
    finally:
        gc.enable()


def check_growth(make_articles: Callable[[int], Sequence[Article]]) -> None:
    """Check that articles of CHARS characters take no more time per byte than those of half as many."""
    longer, shorter = make_articles(CHARS), make_articles(CHARS // 2)
    with limit_time():
        seconds = measure(longer)
        if seconds < FLOOR_SECONDS:
            return
        seconds = min(seconds, measure(longer), measure(longer))
        growth = seconds / min(measure(shorter) for _ in range(3)) / 2
    assert seconds < FLOOR_SECONDS * slowness() or growth < MAX_GROWTH_PER_BYTE


def make_article(article_id: str, text: str) -> Article:
    return article(article_id, text, title="Mayor closes the port after a storm")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="needs an alarm to end what does not end")
@pytest.mark.parametrize("make_text", HOSTILE.values(), ids=HOSTILE)
class TestGrowth:
    """The time of a run per byte of its texts."""

    def test_alone(self, make_text: Callable[[int], str]) -> None:
        """One article: cleaning and splitting it."""
        check_growth(lambda chars: [make_article("a", make_text(chars))])

    def test_copy(self, make_text: Callable[[int], str]) -> None:
        """Two articles with the same text: aligning and merging them."""

        def make_articles(chars: int) -> list[Article]:
            text = make_text(chars)
            return [make_article("a", text), make_article("b", f"{text} These words end the text.")]

        check_growth(make_articles)

    def test_half(self, make_text: Callable[[int], str]) -> None:
        """Two articles with half of their text in common: what the base lacks is placed."""

        def make_articles(chars: int) -> list[Article]:
            text = make_text(chars // 2)
            return [make_article(f"a{step}", text + write_prose(chars // 2, step)) for step in (37, 41)]

        check_growth(make_articles)


def join_alternately(chars: int) -> list[Article]:
    """Put sentences of the base and new ones in turn, in another order: each addition has a place of its own."""
    known = [f"{phrase(i, 9).capitalize()}." for i in range(chars // 140)]
    order = random.Random(5).sample(range(len(known)), len(known))  # noqa: S311 - no secret
    pairs = [f"{known[i]}\n\n{phrase(i, 8, 37).capitalize()}." for i in order]
    return [make_article("a", "\n\n".join(known)), make_article("b", "\n\n".join(pairs))]


def add_at_one_place(chars: int) -> list[Article]:
    """Put new sentences all after the same two."""
    known = [f"He {phrase(i, 9)}." for i in range(chars // 140)]
    added = [text for i in range(chars // 140) for text in (known[i % 2], f"{phrase(i, 8, 37).capitalize()}.")]
    return [make_article("a", "\n\n".join(known)), make_article("b", "\n\n".join(known[:-9] + added))]


def repeat_a_little(chars: int) -> list[Article]:
    """Add sentences that have a few words in common with many others."""
    known = " ".join(f"{phrase(i, 5).capitalize()}." for i in range(chars // 80))
    added = number(lambda i: f"{WORDS[i % 90].title()} {WORDS[i % 91]} {WORDS[i % 89]} {WORDS[i * 5 % 83]}. ")
    return [make_article("a", known), make_article("b", known + " " + added(chars // 2))]


def make_variants(chars: int) -> list[Article]:
    """Many variants of one text, each with a sentence of its own."""
    known = " ".join(f"{phrase(i, 9).capitalize()}." for i in range(4))
    return [make_article(f"a{i}", f"{known} {phrase(i, 8, 37).capitalize()}.") for i in range(chars // 300)]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="needs an alarm to end what does not end")
@pytest.mark.parametrize("make_articles", [join_alternately, add_at_one_place, repeat_a_little, make_variants])
def test_merging(make_articles: Callable[[int], Sequence[Article]]) -> None:
    """Additions find their places, and repetitions each other, in time that grows with the length."""
    check_growth(make_articles)
