"""The baseline: accepted findings, identified by content and count and not by path.

A file that was moved is still covered by the baseline, since its content is the same; one more copy of it is one
finding more than the baseline accepts.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from newsdedup.check_rules import DUPLICATE_CODES, RULES
from newsdedup.checks.article_rules import check_rejected
from newsdedup.checks.findings import compute_fingerprint
from newsdedup.errors import ConfigError
from newsdedup.models import Article, Rejected, Relation
from newsdedup.models.checks import Finding

IDENTICAL = DUPLICATE_CODES[Relation.IDENTICAL]


class BaselineEntry(BaseModel):
    """The accepted findings with one fingerprint: their rule, their paths, and the articles they were compared with.

    `paths` has one path for each finding; `beside` holds the content hashes of the compared articles.
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
    findings: tuple[BaselineEntry, ...] = ()

    def find_heads(self, articles: Iterable[Article]) -> list[bool]:
        """Return for each article whether it is a head: not an accepted duplicate, but some were compared with it.

        Such articles are older than anything that is not in the baseline, so they remain the heads of their stories.
        """
        compared = {content_hash for entry in self.findings for content_hash in entry.beside}
        accepted = {(entry.fingerprint, path) for entry in self.findings for path in entry.paths}
        return [
            article.content_hash in compared
            and (compute_fingerprint(IDENTICAL, article.content_hash), article.path) not in accepted
            for article in articles
        ]


@dataclass(frozen=True)
class BaselineComparison:
    """Findings compared with a baseline: those not in it, how many are in it, and how many of its paths are unused."""

    remaining: tuple[Finding, ...]
    matched: int
    stale: int


def read_baseline(path: str) -> Baseline:
    """Read a baseline file. Raises ConfigError if it is missing, unreadable or not a baseline."""
    try:
        return Baseline.model_validate_json(Path(path).read_bytes())
    except FileNotFoundError:
        raise ConfigError(f"there is no baseline {path}; create it with --update-baseline") from None
    except OSError as error:
        raise ConfigError(f"the baseline {path} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        cause = error.errors()[0]["msg"]
        raise ConfigError(f"{path} is not a baseline: {cause}; rewrite it with --update-baseline") from None


def format_baseline(findings: Iterable[Finding]) -> str:
    """Return the text of the baseline that accepts `findings`, one entry per line for readable diffs."""
    findings_by_fingerprint: dict[str, list[Finding]] = {}
    for finding in findings:
        findings_by_fingerprint.setdefault(finding.fingerprint, []).append(finding)
    entries = [
        BaselineEntry(
            fingerprint=fingerprint,
            code=min(finding.code for finding in group),
            paths=tuple(sorted(finding.location.path for finding in group)),
            beside=tuple(sorted({finding.other.content_hash or "" for finding in group if finding.other} - {""})),
        )
        for fingerprint, group in findings_by_fingerprint.items()
    ]
    rows = [
        json.dumps(entry.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)
        for entry in sorted(entries, key=lambda entry: (entry.paths, entry.code, entry.fingerprint))
    ]
    return '{"version": 1, "findings": [' + ",".join(f"\n  {row}" for row in rows) + ("\n" if rows else "") + "]}\n"


def apply_baseline(
    findings: Sequence[Finding],
    baseline: Baseline,
    known_records: Iterable[Article | Rejected],
    was_checked: Callable[[str, str], bool],
) -> BaselineComparison:
    """Return `findings` without those that the baseline accepts.

    Each path of a baseline entry accepts one finding. Findings at the path itself are matched first. Then the known
    records use up the paths of their own findings, which are not searched for again: if these stayed free, a new copy
    of a known duplicate would be accepted. The paths that remain accept files that were moved. A path that nothing
    used counts as stale only if `was_checked(code, path)`.
    """
    free_paths: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in baseline.findings:
        free_paths[entry.fingerprint].update(entry.paths)
    moved = [
        finding
        for finding in findings
        if not _use_free_path(free_paths.get(finding.fingerprint), finding.location.path)
    ]
    for record in known_records if free_paths else ():
        for fingerprint in _possible_fingerprints(record) & free_paths.keys():
            if record.path in free_paths[fingerprint]:
                del free_paths[fingerprint][record.path]
            else:
                _use_free_path(free_paths[fingerprint])
    remaining = tuple(finding for finding in moved if not _use_free_path(free_paths.get(finding.fingerprint)))
    code_of = {entry.fingerprint: entry.code for entry in baseline.findings}
    unused_counts = (
        count
        for fingerprint, path_counts in free_paths.items()
        for path, count in path_counts.items()
        if was_checked(code_of[fingerprint], path)
    )
    return BaselineComparison(remaining, len(findings) - len(remaining), sum(unused_counts))


def _use_free_path(path_counts: Counter[str] | None, path: str | None = None) -> bool:
    """Use up one free path, `path` or any if that is None; return whether there was one."""
    if not path_counts or (path is not None and path not in path_counts):
        return False
    used_path = min(path_counts) if path is None else path
    path_counts[used_path] -= 1
    if not path_counts[used_path]:
        del path_counts[used_path]
    return True


def _possible_fingerprints(record: Article | Rejected) -> set[str]:
    """Return the fingerprints that findings about a record may have."""
    if isinstance(record, Rejected):
        return {check_rejected(record).fingerprint}
    return {compute_fingerprint(rule.code, record.content_hash) for rule in RULES}
