"""The baseline: findings that are known and accepted, told by content and count and not by path.

A file that was moved keeps its place in the baseline, since what it says is the same; one more copy of it is one
finding more than the baseline has.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from newsdedup.errors import ConfigError
from newsdedup.gate.alone import refused
from newsdedup.gate.findings import fingerprint
from newsdedup.models import Article, Finding, Rejected
from newsdedup.rules import RULES


class Entry(BaseModel):
    """Accepted findings of one fingerprint: under which rule, and where they stood; one path for each of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fingerprint: str
    code: str
    paths: tuple[str, ...] = Field(min_length=1)


class Baseline(BaseModel):
    """The baseline file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = Field(default=1, ge=1, le=1)
    findings: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Held:
    """What is left of the findings when the baseline's are taken out, how many those were, and its unused places."""

    left: tuple[Finding, ...]
    known: int
    stale: int


def read(path: str) -> Baseline:
    """Read a baseline. Raises ConfigError where there is none."""
    try:
        return Baseline.model_validate_json(Path(path).read_bytes())
    except FileNotFoundError:
        raise ConfigError(f"there is no baseline {path}; write it with --update-baseline") from None
    except OSError as error:
        raise ConfigError(f"the baseline {path} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        cause = error.errors()[0]["msg"]
        raise ConfigError(f"{path} is no baseline: {cause}; write it anew with --update-baseline") from None


def to_json(findings: Iterable[Finding]) -> str:
    """Return the baseline file that accepts `findings`, one line an entry, so that changes to it can be read."""
    paths: dict[str, list[Finding]] = {}
    for found in findings:
        paths.setdefault(found.fingerprint, []).append(found)
    entries = [
        Entry(fingerprint=name, code=each[0].code, paths=tuple(sorted(found.location.path for found in each)))
        for name, each in paths.items()
    ]
    rows = [json.dumps(entry.model_dump(mode="json"), ensure_ascii=False) for entry in sorted(entries, key=_key)]
    return '{"version": 1, "findings": [' + ",".join(f"\n  {row}" for row in rows) + ("\n" if rows else "") + "]}\n"


def _key(entry: Entry) -> tuple[Sequence[str], str, str]:
    return entry.paths, entry.code, entry.fingerprint


def hold_against(
    findings: Sequence[Finding], baseline: Baseline, known: Iterable[Article | Rejected], asked: Container[str]
) -> Held:
    """Take out of `findings` those that the baseline has a place for.

    First come those that stand where the baseline says. Then the `known` articles and records take the places of their
    own findings, which are not looked for anew: were they free, a new copy of a known duplicate would slip in. What is
    left is for what was moved. A place of a rule that is not among those `asked` is not called unused.
    """
    places: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in baseline.findings:
        places[entry.fingerprint].update(entry.paths)
    moved = []
    for found in findings:
        if found.fingerprint in places and places[found.fingerprint][found.location.path]:
            places[found.fingerprint][found.location.path] -= 1
        else:
            moved.append(found)
    judged = {entry.fingerprint for entry in baseline.findings if entry.code in asked}
    free = Counter({name: paths.total() for name, paths in places.items()})
    if places:
        for item in known:
            for name in _fingerprints(item) & free.keys():
                free[name] = max(free[name] - 1, 0)
    left = []
    for found in moved:
        if free[found.fingerprint]:
            free[found.fingerprint] -= 1
        else:
            left.append(found)
    return Held(tuple(left), len(findings) - len(left), sum(free[name] for name in judged))


def _fingerprints(item: Article | Rejected) -> set[str]:
    """Return those that findings about a record may have."""
    if isinstance(item, Rejected):
        return {refused(item).fingerprint}
    return {fingerprint(rule.code, item.content_hash) for rule in RULES}
