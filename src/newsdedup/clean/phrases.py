r"""Phrases of the cleaning lexicon: how they are written, and what is generated from them.

The notation of a phrase; everything else is literal, and the case of letters is ignored:

    (more|next)        one of several alternatives
    [ now]             an optional part, which may have alternatives too
    …{0,60}            a gap of 0 to 60 characters; like all gaps it is bounded, so that no search gets slow
    <word> <digits>    a placeholder, see PLACEHOLDERS; some of them need bounds as a gap does: <name>{2,40}
    subscri*           no word boundary here; otherwise there is one between a word and a gap
    \(                 a character of the notation, taken literally

From a phrase are generated a regular expression and the literals that every match contains. The literals rule out most
lines without the regular expression, see `newsdedup.clean.line_hints`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from itertools import product
from math import prod
from typing import NamedTuple

from newsdedup.text import replace_typographic_marks
from newsdedup.thresholds import LEXICON_MAX_EXPANSIONS


class PhraseError(ValueError):
    """A phrase is malformed; the message says why."""


class Edge(Enum):
    """What is at the edge of a part of a phrase."""

    WORD = "a literal letter or digit"
    MARK = "a literal that is neither, or a placeholder for one"
    DIGIT = "a placeholder for digits"
    ANY = "a gap or another placeholder, or the end of the phrase"
    OPEN = "a star, where a word may go on"


class Placeholder(NamedTuple):
    """A placeholder or gap: its regular expression and what is at its edges."""

    pattern: str
    edge: Edge = Edge.ANY


class Group(NamedTuple):
    """Alternatives; an optional group may also match nothing."""

    alternatives: Sequence[Sequence[Node]]
    is_optional: bool


Node = str | Placeholder | Group
_STAR = Placeholder("", Edge.OPEN)
MARKS = Placeholder(r"\W{0,20}", Edge.MARK)

# By name: what each stands for. Those in the second table take bounds, and stand for that many characters or words.
PLACEHOLDERS = {
    "<word>": Placeholder(r"\w++"),  # letters and digits
    "<token>": Placeholder(r"\S++"),  # anything up to a space
    "<digits>": Placeholder(r"\d++", Edge.DIGIT),
    "<year>": Placeholder(r"\d{4}", Edge.DIGIT),  # four digits
    "<bracket>": Placeholder(r"\([^)]*+\)", Edge.MARK),  # a remark in round brackets
    "<marks>": MARKS,  # punctuation and spaces, or nothing; only at the start or end of a phrase
}
BOUNDED_PLACEHOLDERS = {
    "…": ".",
    "<name>": r"[\w .&'’-]",  # letters, digits, spaces and the punctuation of names
    "<plain>": r"[\w .]",  # letters, digits, spaces and full stops
    "<clause>": r"[^.]",  # anything but a full stop
    "<aside>": r"[^().]",  # anything but a full stop and brackets
    "<words>": r"(?:[\w-]++ )",  # words with a space after each
}
_TOKEN = re.compile(
    r"\\(?P<escaped>.)|(?P<name>…|<[a-z]+>)(?:\{(?P<low>\d+),(?P<high>\d+)\})?|(?P<mark>[()\[\]|*])|(?P<text>[^\\…<>(){}\[\]|*]+)"
)
_NOTATION = re.compile(r"[\\…<>(){}\[\]|*]")
_SPECIAL = {ord(char): "\\" + char for char in r".^$*+?{}[]\|()-&~#"}
_LETTERS = re.compile("[a-z]+")


def parse_phrase(phrase: str) -> Sequence[Node]:
    """Return the parts of a phrase; raise PhraseError if it is malformed."""
    if not _NOTATION.search(phrase):
        return [phrase]
    nodes = _parse_alternatives(_iterate_tokens(phrase), "")[0]
    if any(node is MARKS for node in nodes[1:-1]):
        raise PhraseError("<marks> stands at the start or the end of a phrase")
    return nodes


def _iterate_tokens(phrase: str) -> Iterator[re.Match[str]]:
    position = 0
    while position < len(phrase):
        token = _TOKEN.match(phrase, position)
        if token is None:
            raise PhraseError(f"{phrase[position]!r} is not literal without a \\ before it")
        position = token.end()
        yield token


def _parse_alternatives(tokens: Iterator[re.Match[str]], closing: str) -> list[list[Node]]:
    """Return the alternatives up to the mark `closing`, which is empty for the phrase itself."""
    alternatives: list[list[Node]] = [[]]
    for token in tokens:
        mark = token["mark"]
        if mark is None:
            _append(alternatives[-1], _parse_part(token, is_in_group=bool(closing)))
        elif mark == "*":
            alternatives[-1].append(_STAR)
        elif mark in "([":
            group = Group(_parse_alternatives(tokens, ")" if mark == "(" else "]"), is_optional=mark == "[")
            alternatives[-1].append(group)
        elif mark == "|" and closing:
            alternatives.append([])
        elif mark == closing:
            break
        else:
            raise PhraseError(f"{mark!r} closes or separates nothing")
    else:
        if closing:
            raise PhraseError(f"{closing!r} is missing")
    if not all(alternatives):
        raise PhraseError("the phrase or an alternative of it is empty")
    return alternatives


def _append(nodes: list[Node], node: str | Placeholder) -> None:
    if isinstance(node, str) and nodes and isinstance(nodes[-1], str):
        nodes[-1] += node
    else:
        nodes.append(node)


def _parse_part(token: re.Match[str], *, is_in_group: bool) -> str | Placeholder:
    """Return the literal or the placeholder that a token is."""
    name, low, high = token["name"], token["low"], token["high"]
    if name is None:
        return str(token["escaped"] or token["text"])
    if low is None and name in PLACEHOLDERS:
        if is_in_group and PLACEHOLDERS[name] is MARKS:
            raise PhraseError("<marks> stands at the start or the end of a phrase")
        return PLACEHOLDERS[name]
    if name not in BOUNDED_PLACEHOLDERS:
        raise PhraseError(f"{token[0]} is not a placeholder")
    if low is None or int(low) > int(high):
        raise PhraseError(f"{name} needs bounds, as in {name}{{0,40}}")
    return Placeholder(f"{BOUNDED_PLACEHOLDERS[name]}{{{low},{high}}}")


# -- regular expressions ----------------------------------------------------------------------------------------------


def to_pattern(nodes: Sequence[Node], *, starts_word: bool = False, ends_word: bool = False) -> str:
    """Return the regular expression of a phrase.

    `starts_word` and `ends_word` ask for a word boundary at that end. Raises PhraseError where a boundary is needed
    after some alternatives and not after others.
    """
    pattern = ""
    for i, node in enumerate(nodes):
        if isinstance(node, str):
            pattern += node.translate(_SPECIAL)
        elif isinstance(node, Placeholder):
            before = _boundary(nodes[:i], from_end=True) if i and node.edge is Edge.ANY else ""
            after = _boundary(nodes[i + 1 :]) if node.edge is Edge.ANY else ""
            pattern += before + node.pattern + after
        else:
            alternatives = "|".join(map(to_pattern, node.alternatives))
            pattern += f"(?:{alternatives}){'?' if node.is_optional else ''}"
    start = _boundary(nodes) if starts_word else ""
    end = _boundary(nodes, from_end=True) if ends_word else ""
    return start + pattern + end


# Letters that are the same as another one where case is ignored, besides its upper and lower case.
_SAME_LETTERS = {"i": "ıİ", "ı": "iI", "s": "ſ", "k": "\u212a", "å": "\u212b", "σ": "ς", "µ": "μ", "μ": "µ"}


def join_by_first_letter(phrases: Iterable[Sequence[Node]], *, ends_word: bool = False) -> str:
    """Return the regular expression of phrases as alternatives, for a pattern that ignores case.

    Those that begin with the same letter are together, in their order, behind a set of its forms. The regular
    expression engine passes over a set in a fraction of the time that it needs for a letter whose case is ignored.
    """
    by_letter: dict[str, list[str]] = {}
    for nodes in phrases:
        for start in _split_opening(nodes):
            pattern = to_pattern(start, ends_word=ends_word)
            letter = pattern[:1].lower() if start and isinstance(start[0], str) and pattern[:1].isalpha() else ""
            by_letter.setdefault(letter, []).append(pattern[len(letter) :])
    groups = []
    for letter, patterns in by_letter.items():
        forms = "".join(sorted({letter, letter.upper(), *_SAME_LETTERS.get(letter, "")}))
        groups.append(f"(?-i:[{forms}])(?:{'|'.join(patterns)})" if letter else "|".join(patterns))
    return "|".join(groups)


def _split_opening(nodes: Sequence[Node]) -> Iterator[Sequence[Node]]:
    """Yield a phrase once for each alternative that it may begin with."""
    if nodes and isinstance(nodes[0], Group):
        for alternative in (*nodes[0].alternatives, *([[]] if nodes[0].is_optional else [])):
            yield from _split_opening([*alternative, *nodes[1:]])
    else:
        yield nodes


def _boundary(nodes: Sequence[Node], *, from_end: bool = False) -> str:
    """Return the pattern of the word boundary at an end of `nodes`: none unless there is a literal word."""
    edges = find_edges(nodes, from_end=from_end)
    if Edge.WORD not in edges:
        return ""
    if edges != {Edge.WORD}:
        raise PhraseError("only some of the alternatives begin or end in a word: make them separate phrases")
    return r"\b"


def find_edges(nodes: Sequence[Node], *, from_end: bool = False, beyond: Edge = Edge.ANY) -> set[Edge]:
    """Return what may come first in `nodes`, or last; `beyond` is included if `nodes` may match nothing."""
    edges: set[Edge] = set()
    for node in reversed(nodes) if from_end else nodes:
        if isinstance(node, str):
            char = node[-1 if from_end else 0]
            return edges | {Edge.WORD if char.isalnum() or char == "_" else Edge.MARK}
        if isinstance(node, Placeholder):
            return edges | {node.edge}
        for alternative in node.alternatives:
            edges |= find_edges(alternative, from_end=from_end)
        if not node.is_optional:
            return edges
    return edges | {beyond}


# -- literals that every match contains -------------------------------------------------------------------------------

# Stands for digits in an expansion: not a letter, and not part of a literal.
_DIGITS = "\0"
# Characters that are the same in every match: neither letters with accents, whose case may differ, nor characters that
# are replaced (quotes, dashes, the ellipsis, currencies).
_LAST_LATIN = "\xff"
_STABLE_PIECE = re.compile(r"[a-z0-9 ©()\[\]:/@?!,;|=+%&]+")


class Expansion(NamedTuple):
    """One of the possible texts of a part of a phrase, in lower case and without typographic marks.

    `words` are its runs of ASCII letters that are runs in the line too, in order.
    """

    text: str
    words: Sequence[str]

    @property
    def is_latin(self) -> bool:
        """Whether the text is Latin-1."""
        return self.text.isascii() or max(self.text) <= _LAST_LATIN

    @property
    def piece(self) -> str:
        """The longest substring that a line has literally."""
        return max(_STABLE_PIECE.findall(self.text), key=len, default="")


class Clause(NamedTuple):
    """A part of a phrase without gaps: any match contains one of the expansions.

    `is_first` and `is_last` say whether it is at the start and the end of the phrase.
    """

    expansions: Sequence[Expansion]
    is_first: bool
    is_last: bool


def find_clauses(nodes: Sequence[Node], *, starts_word: bool, ends_word: bool) -> Iterator[Clause]:
    """Yield the parts of a phrase, in order; every match contains an expansion of each.

    `starts_word` and `ends_word` say that no letter can be right before and after the phrase.
    """
    if len(nodes) == 1 and isinstance(nodes[0], str):  # most phrases are
        expansion = _describe(nodes[0].lower(), is_left_complete=starts_word, is_right_complete=ends_word)
        yield Clause([expansion], is_first=True, is_last=True)
        return
    parts = [node for i, node in enumerate(nodes) if not (node is MARKS and i in {0, len(nodes) - 1})]
    before, after = (Edge.MARK if is_word_edge else Edge.ANY for is_word_edge in (starts_word, ends_word))
    for start, end, texts in _find_runs(parts):
        left_edges = find_edges(parts[:start], from_end=True, beyond=before)
        right_edges = find_edges(parts[end:], beyond=after)
        left = _ends_run(parts[start - 1 : start], parts[start:end], left_edges)
        right = _ends_run(parts[end : end + 1], parts[start:end], right_edges, from_end=True)
        expansions = [_describe(text.lower(), is_left_complete=left, is_right_complete=right) for text in texts]
        yield Clause(expansions, is_first=start == 0, is_last=end == len(parts))


def _ends_run(
    neighbour: Sequence[Node], literals: Sequence[Node], edges: AbstractSet[Edge], *, from_end: bool = False
) -> bool:
    """Return whether a run of letters at the edge of `literals` must end there.

    `neighbour` is the part beyond the edge, if any, and `edges` are what may come there.
    """
    is_gap = any(isinstance(node, Placeholder) and node.edge is Edge.ANY for node in neighbour)
    if is_gap and find_edges(literals, from_end=from_end) == {Edge.WORD}:
        return True  # there is a word boundary
    return edges <= {Edge.MARK, Edge.DIGIT}


def _find_runs(parts: Sequence[Node]) -> Iterator[tuple[int, int, list[str]]]:
    """Yield the stretches of parts without gaps: their bounds and all texts they stand for."""
    start, texts = 0, [""]
    for i, node in enumerate(parts):
        node_texts = _expand(node)
        if node_texts is None or len(texts) * len(node_texts) > LEXICON_MAX_EXPANSIONS:
            if i > start:
                yield start, i, texts
            start, texts = (i + 1, [""]) if node_texts is None else (i, node_texts)
        else:
            texts = [text + node_text for text in texts for node_text in node_texts]
    if len(parts) > start:
        yield start, len(parts), texts


def _expand(node: Node) -> list[str] | None:
    """Return all texts that a part stands for, or None if it has a gap."""
    if isinstance(node, str):
        return [node]
    if isinstance(node, Placeholder):
        return [_DIGITS] if node.edge is Edge.DIGIT else None
    result = [""] if node.is_optional else []
    for alternative in node.alternatives:
        part_texts = [texts for part in alternative if (texts := _expand(part)) is not None]
        if len(part_texts) < len(alternative) or prod(map(len, part_texts)) > LEXICON_MAX_EXPANSIONS:
            return None
        result += map("".join, product(*part_texts))
    return result


def _describe(text: str, *, is_left_complete: bool, is_right_complete: bool) -> Expansion:
    plain = replace_typographic_marks(text)
    words = _LETTERS.findall(plain)
    if words and not is_left_complete and "a" <= plain[0] <= "z":
        del words[0]
    if words and not is_right_complete and "a" <= plain[-1] <= "z":
        del words[-1]
    return Expansion(plain, words)
