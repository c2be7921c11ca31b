"""Generate random strings that a regular expression matches."""

from __future__ import annotations

import importlib
import random
import re
from collections.abc import Iterator, Sequence
from typing import Any

_PARSER = importlib.import_module("re._parser")
_CLASSES = {"DIGIT": r"\d", "WORD": r"\w", "SPACE": r"\s", "NOT_DIGIT": r"\D", "NOT_WORD": r"\W", "NOT_SPACE": r"\S"}
_CHARS = "abzAZ019 _-.,:;|/()[]’'—–»›•·&>\té½Ж"
_MAX_FEW = 3  # repetitions that cannot be slow


def generate_matches(pattern: re.Pattern[str], count: int) -> Iterator[str]:
    """Yield up to `count` strings in which `pattern` is found, the same ones at each call, some in a different case."""
    chance = random.Random(5)  # noqa: S311 - no secret
    tree = _PARSER.parse(pattern.pattern, pattern.flags)
    for _ in range(count):
        candidate = _generate(tree, chance)
        if pattern.flags & re.IGNORECASE:
            candidate = chance.choice([candidate, candidate, candidate.upper(), candidate.title()])
        if pattern.search(candidate):
            yield candidate


def _generate(tree: Sequence[Any], chance: random.Random) -> str:
    result = ""
    for code, argument in tree:
        match str(code):
            case "LITERAL":
                result += chr(argument)
            case "NOT_LITERAL":
                result += chance.choice([char for char in "xY 1" if ord(char) != argument])
            case "ANY":
                result += chance.choice("aZ 1-.x")
            case "IN":
                result += _choose_char(argument, chance)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                low, high, part = argument
                times = chance.choice([low, min(int(high), low + 1), min(int(high), low + chance.randint(0, 5))])
                result += "".join(_generate(part, chance) for _ in range(times))
            case "SUBPATTERN":
                result += _generate(argument[3], chance)
            case "BRANCH":
                result += _generate(chance.choice(argument[1]), chance)
            case "ASSERT" | "ASSERT_NOT" | "AT":
                pass
            case other:
                raise NotImplementedError(other)
    return result


def _choose_char(members: Sequence[Any], chance: random.Random) -> str:
    shape = ""
    literals = ""
    for code, argument in members:
        match str(code):
            case "NEGATE":
                shape += "^"
            case "LITERAL":
                shape += re.escape(chr(argument))
                literals += chr(argument)
            case "RANGE":
                shape += f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}"
            case _:
                shape += _CLASSES[str(argument).removeprefix("CATEGORY_")]
    fitting = [char for char in _CHARS + literals if re.fullmatch(f"[{shape}]", char)]
    return chance.choice(fitting or ["?"])


def generate_repeats(pattern: re.Pattern[str], rounds: int) -> Iterator[tuple[str, str]]:
    """Yield for each part that `pattern` repeats what may stand before it, and two strings that it matches, joined.

    The same ones at each call, with other choices in each round.
    """
    chance = random.Random(7)  # noqa: S311 - no secret
    tree = _PARSER.parse(pattern.pattern, pattern.flags)
    for _ in range(rounds):
        for before, part in _find_repeats(tree, "", chance):
            yield before, _generate(part, chance) + _generate(part, chance)


def _find_repeats(tree: Sequence[Any], before: str, chance: random.Random) -> Iterator[tuple[str, Sequence[Any]]]:
    for code, argument in tree:
        match str(code):
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                _, high, part = argument
                if int(high) > _MAX_FEW:
                    yield before, part
                yield from _find_repeats(part, before, chance)
            case "SUBPATTERN":
                yield from _find_repeats(argument[3], before, chance)
            case "BRANCH":
                for alternative in chance.sample(list(argument[1]), min(len(argument[1]), 8)):
                    yield from _find_repeats(alternative, before, chance)
        before += _generate([(code, argument)], chance)
