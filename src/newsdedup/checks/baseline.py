"""The baseline: accepted findings, identified by content and count and not by path.

A file that was moved is still covered by the baseline, since its content is the same; one more copy of it is one
finding more than the baseline accepts.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pydantic import Field, ValidationError

from newsdedup.check_rules import DUPLICATE_CODES, RULES
from newsdedup.checks.article_rules import check_rejected
from newsdedup.checks.findings import compute_fingerprint
from newsdedup.errors import ConfigError
from newsdedup.models import Article, Printed, Rejected, Relation
from newsdedup.models.checks import Finding

IDENTICAL = DUPLICATE_CODES[Relation.IDENTICAL]


class BaselineEntry(Printed):
    """The accepted findings with one fingerprint: their rule, their paths, and the articles they were compared with.

    `paths` has one path for each finding; `beside` holds the content hashes of the compared articles.
    """

    fingerprint: str
    code: str
    paths: tuple[str, ...] = Field(min_length=1)
    beside: tuple[str, ...] = ()


class Baseline(Printed):
    """The baseline file."""

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
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.fingerprint].append(finding)
    entries = [
        BaselineEntry(
            fingerprint=fingerprint,
            code=min(finding.code for finding in group),
            paths=tuple(sorted(finding.location.path for finding in group)),
            beside=tuple(sorted({finding.other.content_hash or "" for finding in group if finding.other} - {""})),
        )
        for fingerprint, group in groups.items()
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
) -> tuple[list[Finding], int]:
    """Return `findings` without those that the baseline accepts, and how many of its paths are stale.

    Each path of a baseline entry accepts one finding. Findings at the path itself are matched first. Then the known
    records use up the paths of their own findings, which are not searched for again: if these stayed free, a new copy
    of a known duplicate would be accepted. The paths that remain accept files that were moved. A path that nothing
    used counts as stale only if `was_checked(code, path)`.
    """
    free_paths: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in baseline.findings:
        free_paths[entry.fingerprint].update(entry.paths)
    moved = [x for x in findings if not _use_path(free_paths[x.fingerprint], x.location.path)]
    for record in known_records if baseline.findings else ():
        for fingerprint in _possible_fingerprints(record) & free_paths.keys():
            if record.path in free_paths[fingerprint]:
                del free_paths[fingerprint][record.path]
            else:
                _use_any_path(free_paths[fingerprint])
    remaining = [x for x in moved if not _use_any_path(free_paths[x.fingerprint])]
    code_of = {entry.fingerprint: entry.code for entry in baseline.findings}
    unused = ((fingerprint, path) for fingerprint, paths in free_paths.items() for path in paths.elements())
    return remaining, sum(was_checked(code_of[fingerprint], path) for fingerprint, path in unused)


def _use_any_path(free_paths: Counter[str]) -> bool:
    """Use up the first free path; return whether there was one."""
    return bool(free_paths) and _use_path(free_paths, min(free_paths))


def _use_path(free_paths: Counter[str], path: str) -> bool:
    """Use up a path; return whether it was free."""
    if path not in free_paths:
        return False
    free_paths[path] -= 1
    if not free_paths[path]:
        del free_paths[path]
    return True


def _possible_fingerprints(record: Article | Rejected) -> set[str]:
    """Return the fingerprints that findings about a record may have."""
    if isinstance(record, Rejected):
        return {check_rejected(record).fingerprint}
    return {compute_fingerprint(rule.code, record.content_hash) for rule in RULES}
