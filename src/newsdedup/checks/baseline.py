"""The baseline: findings that are known and accepted, told by content and count and not by path.

A file that was moved keeps its place in the baseline, since what it says is the same; one more copy of it is one
finding more than the baseline has.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from newsdedup.check_rules import DUPLICATES, RULES
from newsdedup.checks.article_rules import refused
from newsdedup.checks.findings import fingerprint
from newsdedup.errors import ConfigError
from newsdedup.models import Article, Rejected, Relation
from newsdedup.models.checks import Finding

IDENTICAL = DUPLICATES[Relation.IDENTICAL]


class Entry(BaseModel):
    """Accepted findings of one fingerprint: under which rule, where they stood, and what stood beside them.

    `paths` has one path for each finding; `beside` holds the content hashes of the articles they were compared with.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    fingerprint: str
    code: str
    paths: tuple[str, ...] = Field(min_length=1)
    beside: tuple[str, ...] = ()


class Baseline(BaseModel):
    """The baseline file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = Field(default=1, ge=1, le=1)
    findings: tuple[Entry, ...] = ()

    def heads(self, articles: Iterable[Article]) -> list[bool]:
        """Tell which of the articles accepted duplicates stood beside, and are no accepted duplicate themselves.

        They were there before whatever the baseline does not know, so they stay the heads of their stories.
        """
        beside = {content for entry in self.findings for content in entry.beside}
        accepted = {(entry.fingerprint, path) for entry in self.findings for path in entry.paths}
        return [
            article.content_hash in beside
            and (fingerprint(IDENTICAL, article.content_hash), article.path) not in accepted
            for article in articles
        ]


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
    same: dict[str, list[Finding]] = {}
    for found in findings:
        same.setdefault(found.fingerprint, []).append(found)
    entries = [
        Entry(
            fingerprint=name,
            code=min(found.code for found in each),
            paths=tuple(sorted(found.location.path for found in each)),
            beside=tuple(sorted({found.other.content_hash or "" for found in each if found.other} - {""})),
        )
        for name, each in same.items()
    ]
    rows = [
        json.dumps(entry.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)
        for entry in sorted(entries, key=lambda entry: (entry.paths, entry.code, entry.fingerprint))
    ]
    return '{"version": 1, "findings": [' + ",".join(f"\n  {row}" for row in rows) + ("\n" if rows else "") + "]}\n"


def hold_against(
    findings: Sequence[Finding],
    baseline: Baseline,
    known: Iterable[Article | Rejected],
    judged: Callable[[str, str], bool],
) -> Held:
    """Take out of `findings` those that the baseline has a place for.

    First come those that stand where the baseline says. Then the `known` articles and records take the places of their
    own findings, which are not looked for anew: were they free, a new copy of a known duplicate would slip in. What is
    left is for what was moved. A place that is left over is unused only if its code and path were `judged`.
    """
    places: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in baseline.findings:
        places[entry.fingerprint].update(entry.paths)
    moved = [found for found in findings if not _take(places.get(found.fingerprint), found.location.path)]
    for item in known if places else ():
        for name in _fingerprints(item) & places.keys():
            if item.path in places[name]:
                del places[name][item.path]
            else:
                _take(places[name])
    left = tuple(found for found in moved if not _take(places.get(found.fingerprint)))
    code = {entry.fingerprint: entry.code for entry in baseline.findings}
    unused = (number for name, free in places.items() for path, number in free.items() if judged(code[name], path))
    return Held(left, len(findings) - len(left), sum(unused))


def _take(free: Counter[str] | None, path: str | None = None) -> bool:
    """Take one of the free places, that of `path` or any; tell whether there was one."""
    if not free or (path is not None and path not in free):
        return False
    taken = min(free) if path is None else path
    free[taken] -= 1
    if not free[taken]:
        del free[taken]
    return True


def _fingerprints(item: Article | Rejected) -> set[str]:
    """Return those that findings about a record may have."""
    if isinstance(item, Rejected):
        return {refused(item).fingerprint}
    return {fingerprint(rule.code, item.content_hash) for rule in RULES}
