"""What `check` prints: findings, each a rule that an article breaks, with location and evidence."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from newsdedup.models.articles import Direction, Printed, Relation
from newsdedup.models.stories import SCHEMA_VERSION


class Severity(StrEnum):
    """The severity of a finding, the most severe first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the most severe."""
        return list(Severity).index(self)


class Location(Printed):
    """Lines of a file, counted from 1 (for a .gz file, in the unpacked file), `end_line` included.

    `record` is the number of the article in its file, from 1; `article_id` and `content_hash` (as in a variant) are
    None if there is no article.
    """

    path: str
    record: int
    article_id: str | None
    content_hash: str | None = None
    line: int = Field(ge=1)
    end_line: int = Field(ge=1)


class SharedPassage(Printed):
    """The longest passage that two articles share, in the words of each; it consists of full sentences.

    Its lines are those of the finding's two locations. `sentences` and `other_sentences` are, for each report, the
    number of sentences that the other one covers and the number of all sentences.
    """

    text: str
    other_text: str
    sentences: tuple[int, int]
    other_sentences: tuple[int, int]


class Finding(Printed):
    """One article that breaks one rule.

    `message` is one line: what is wrong, and where the other article is. `other` is the article compared with, `others`
    are the ids of further ones to which the same applies, and `more` is how many there are beyond those. `probability`
    is that both are the same report; `relation` and `direction` are those of the article to `other`. `fingerprint`, 32
    hex digits, depends on the rule and the content of the article, not on its path.
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
    """What was checked, and how many findings there are of each kind.

    `new` counts the articles to check, rejected records included, and `known` the articles compared with. `errors`,
    `warnings` and `notes` count the reported findings, `baselined` those in the baseline, `waived` those waived in an
    article, and `ignored` those excluded by a per-path setting. `stale` counts the baseline entries that match no
    finding; None if not everything was checked.
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
    """The result of `check`, and the JSON document that `check --format json` prints.

    `files` are the new files, in order; `failed` says whether a finding has the severity `fail_on` or above.
    """

    schema_version: Literal["1"] = SCHEMA_VERSION
    fail_on: Severity
    failed: bool
    files: tuple[str, ...]
    findings: tuple[Finding, ...]
    summary: CheckSummary

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """Yield the verdict and counts, so that a report is shown as one line."""
        yield "failed", self.failed
        for name in ("errors", "warnings", "notes", "new", "known"):
            yield name, getattr(self.summary, name)

    def __str__(self) -> str:
        """Return what `repr` returns."""
        return repr(self)
