"""Make strings that a regular expression matches: each branch and each number of repeats by chance."""

from __future__ import annotations

import importlib
import random
import re
from collections.abc import Iterator, Sequence
from typing import Any

_PARSER = importlib.import_module("re._parser")
_CLASSES = {"DIGIT": r"\d", "WORD": r"\w", "SPACE": r"\s", "NOT_DIGIT": r"\D", "NOT_WORD": r"\W", "NOT_SPACE": r"\S"}
_CHARS = "abzAZ019 _-.,:;|/()[]’'—–»›•·&>\té½Ж"


def matching(pattern: re.Pattern[str], count: int) -> Iterator[str]:
    """Yield up to `count` strings in which `pattern` is found, the same ones at each call, some in other case."""
    chance = random.Random(5)  # noqa: S311 - no secret
    tree = _PARSER.parse(pattern.pattern, pattern.flags)
    for _ in range(count):
        made = _made(tree, chance)
        if pattern.flags & re.IGNORECASE:
            made = chance.choice([made, made, made.upper(), made.title()])
        if pattern.search(made):
            yield made


def _made(tree: Sequence[Any], chance: random.Random) -> str:
    out = ""
    for code, given in tree:
        match str(code):
            case "LITERAL":
                out += chr(given)
            case "NOT_LITERAL":
                out += chance.choice([char for char in "xY 1" if ord(char) != given])
            case "ANY":
                out += chance.choice("aZ 1-.x")
            case "IN":
                out += _one_of(given, chance)
            case "MAX_REPEAT" | "MIN_REPEAT":
                low, high, part = given
                times = chance.choice([low, min(int(high), low + 1), min(int(high), low + chance.randint(0, 5))])
                out += "".join(_made(part, chance) for _ in range(times))
            case "SUBPATTERN":
                out += _made(given[3], chance)
            case "BRANCH":
                out += _made(chance.choice(given[1]), chance)
            case "ASSERT" | "ASSERT_NOT" | "AT":
                pass
            case other:
                raise NotImplementedError(other)
    return out


def _one_of(members: Sequence[Any], chance: random.Random) -> str:
    shape = ""
    literals = ""
    for code, given in members:
        match str(code):
            case "NEGATE":
                shape += "^"
            case "LITERAL":
                shape += re.escape(chr(given))
                literals += chr(given)
            case "RANGE":
                shape += f"{re.escape(chr(given[0]))}-{re.escape(chr(given[1]))}"
            case _:
                shape += _CLASSES[str(given).removeprefix("CATEGORY_")]
    fitting = [char for char in _CHARS + literals if re.fullmatch(f"[{shape}]", char)]
    return chance.choice(fitting or ["?"])
