"""What `check` prints: findings, each a rule that an article breaks, with the place and the evidence."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from newsdedup.models.articles import Direction, Printed, Relation
from newsdedup.models.stories import SCHEMA_VERSION


class Severity(StrEnum):
    """How much a finding weighs, the gravest first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return list(Severity).index(self)


class Location(Printed):
    """Lines of a file, counted from 1 (of a .gz file: of what is packed in it), `end_line` included.

    `record` is the place of the article in its file, from 1; `article_id` and `content_hash` (as of a variant) are None
    where there is no article.
    """

    path: str
    record: int
    article_id: str | None
    content_hash: str | None = None
    line: int = Field(ge=1)
    end_line: int = Field(ge=1)


class SharedPassage(Printed):
    """The longest passage that two articles share, as each of them has it; whole sentences of the two reports.

    Its lines are those of the finding's two locations. `sentences` and `other_sentences` are how many sentences of
    each report the other tells, of how many in all.
    """

    text: str
    other_text: str
    sentences: tuple[int, int]
    other_sentences: tuple[int, int]


class Finding(Printed):
    """One article that breaks one rule.

    `message` is one line: what is wrong, and where the other article is. `other` is the article that the finding
    compares with, `others` the ids of further ones of which the same may be said, `more` how many there are beyond.
    `probability` that both tell the same report; `relation` and `direction` are of the article to `other`.
    `fingerprint`, 32 hex digits, depends on the rule and the content of the article, not on its path.
    """

    code: str
    rule: str
    severity: Severity
    message: str
    location: Location
    other: Location | None = None
    others: tuple[str, ...] = ()
    more: int = 0
    passage: SharedPassage | None = None
    probability: float | None = Field(default=None, ge=0, le=1)
    relation: Relation | None = None
    direction: Direction = Direction.UNKNOWN
    fingerprint: str


class CheckSummary(Printed):
    """What was checked, and what became of every finding.

    `new` and `known` count articles, and of `new` those records too that could not be used. `errors`, `warnings` and
    `notes` count the findings that are shown; `baselined` those that the baseline knows, `waived` those that an article
    waives, `ignored` those that a per-path setting leaves out. `stale` are baseline entries that nothing matches any
    more, None where not everything was checked.
    """

    new: int
    known: int
    errors: int
    warnings: int
    notes: int
    baselined: int = 0
    waived: int = 0
    ignored: int = 0
    stale: int | None = None


class CheckReport(Printed):
    """The answer of `check`, and the JSON document that `check --format json` prints.

    `files` are the new files, in order; `failed` tells whether a finding is at or over `fail_on`.
    """

    schema_version: Literal["1"] = SCHEMA_VERSION
    fail_on: Severity
    failed: bool
    files: tuple[str, ...]
    findings: tuple[Finding, ...]
    summary: CheckSummary
