"""Reads the cleaning lexicon: phrases by section, from `data/lexicon.txt`, which explains its format at the top."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from importlib import resources
from typing import NamedTuple, NoReturn

from newsdedup.clean.phrases import Node, PhraseError, parse_phrase, to_pattern
from newsdedup.errors import LexiconError

_SECTION = re.compile(r"\[([a-z, ]+)\]")
_LANGUAGE = re.compile(r"[a-z]{2}|\*")


class Phrase(NamedTuple):
    """A phrase of the lexicon: its text, its language (`*` for any), and its location, such as `lexicon.txt:12`."""

    text: str
    language: str
    location: str
    nodes: Sequence[Node]

    def to_pattern(self, *, starts_word: bool = False, ends_word: bool = False) -> str:
        """Return the regular expression of the phrase, see `phrases.to_pattern`; raise LexiconError if it has none."""
        try:
            return to_pattern(self.nodes, starts_word=starts_word, ends_word=ends_word)
        except PhraseError as error:
            _fail(self.location, str(error), error)


Lexicon = Mapping[str, Sequence[Phrase]]
"""The phrases of each section."""


def load_lexicon(sections: Collection[str]) -> Lexicon:
    """Return the lexicon that ships with the package, which must have exactly these sections."""
    file = resources.files("newsdedup").joinpath("data/lexicon.txt")
    return parse_lexicon(file.read_text(encoding="utf-8"), file.name, sections)


def parse_lexicon(text: str, name: str, sections: Collection[str]) -> Lexicon:
    """Return the phrases of each section in the lexicon `text`, in order.

    Raises LexiconError, with the file's `name` and the line, for a section that is not in `sections`, is repeated or is
    missing, for a line without a section or a language, and for a phrase that is malformed or repeated.
    """
    lexicon: dict[str, dict[str, Phrase]] = {}
    phrases: dict[str, Phrase] | None = None
    for number, line in enumerate(unicodedata.normalize("NFC", text).split("\n"), 1):
        entry = line.strip()
        if not entry or entry[0] == "#":
            continue
        location = f"{name}:{number}"
        if section := _SECTION.fullmatch(entry):
            if section[1] not in sections or section[1] in lexicon:
                _fail(location, f"[{section[1]}] is {'repeated' if section[1] in lexicon else 'not a known section'}")
            phrases = lexicon[section[1]] = {}
        elif phrases is None:
            _fail(location, "a phrase needs a [section] above it")
        else:
            phrase = _parse_entry(entry, location)
            if phrase.text in phrases:
                _fail(location, f"{phrase.text!r} is already in this section")
            phrases[phrase.text] = phrase
    for section_name in sections:
        if not lexicon.get(section_name):
            _fail(name, f"[{section_name}] is missing or empty")
    return {section_name: list(section_phrases.values()) for section_name, section_phrases in lexicon.items()}


def _parse_entry(entry: str, location: str) -> Phrase:
    language, _, phrase = entry.partition(" ")
    phrase = phrase.strip()
    if not phrase or not _LANGUAGE.fullmatch(language):
        _fail(location, f"{entry!r} does not begin with a language of two letters, or *, and a space")
    try:
        return Phrase(phrase, language, location, parse_phrase(phrase))
    except PhraseError as error:
        _fail(location, f"{phrase!r}: {error}", error)


def _fail(location: str, reason: str, cause: Exception | None = None) -> NoReturn:
    raise LexiconError(f"{location}: {reason}") from cause
