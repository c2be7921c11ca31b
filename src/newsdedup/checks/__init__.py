"""Checks of new articles: which are broken, which duplicate an article that exists already, and where.

`check` applies to every new article the rules of one article (`article_rules`) and those of duplicates
(`duplicate_rules`), and leaves out what the settings, the articles or the baseline accept. `git_since` lists the files
of a repository that are new.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from threadpoolctl import threadpool_limits

from newsdedup.checks.article_rules import check_article, check_ids, check_rejected, current_date
from newsdedup.checks.baseline import Baseline, apply_baseline
from newsdedup.checks.duplicate_rules import SAME_EVENT, TEMPLATE_SIBLING, CheckInput, check_duplicates
from newsdedup.checks.waivers import find_unused_waivers, is_exempt, is_waived, read_waivers, select_rules
from newsdedup.clean import RecurringLines, count_recurring_lines
from newsdedup.config import Config
from newsdedup.engine import Progress
from newsdedup.engine.executor import NoProgress, ScoringContext
from newsdedup.engine.matching import match_articles
from newsdedup.engine.workspace import Workspace
from newsdedup.idf import load_idf_table
from newsdedup.models import Article, Loaded, Rejected, Skipped
from newsdedup.models.checks import CheckReport, CheckSummary, Finding, Severity
from newsdedup.readers import resolve_ids
from newsdedup.score import load_model

__all__ = ["check"]


def check(
    new: Iterable[Loaded],
    known: Iterable[Loaded] = (),
    config: Config | None = None,
    *,
    baseline: Baseline | None = None,
    table: RecurringLines | None = None,
    progress: Progress | None = None,
) -> CheckReport:
    """Check the `new` articles, each by itself, against each other and against the `known` ones.

    Both are what `load` yields; a record belongs to one of the two. Problems of known articles alone are not reported.
    The result does not depend on the order of the articles; only ND012 depends on the current date. `table` holds the
    recurring lines of the outlets, if they were counted over more articles than these (`Store.near`). Raises ModelError
    if `config.model` cannot be used, and ConfigError for an invalid SOURCE_DATE_EPOCH.
    """
    config, progress, has_baseline = config or Config(), progress or NoProgress(), baseline is not None
    baseline = baseline or Baseline()
    progress.stage("load", None)
    batch = _read_batch(new, known, progress)
    with threadpool_limits(limits=1, user_api="blas"):
        findings = sorted(_iter_findings(batch, baseline, table, config, progress), key=_sort_key)
    severities = select_rules(config.check)
    selected_findings = [
        finding.model_copy(update={"severity": severities[finding.code]})
        for finding in findings
        if finding.code in severities
    ]
    unwaived, waived_count = _apply_waivers(batch, selected_findings, severities)
    remaining = [finding for finding in unwaived if not is_exempt(finding, config.check.per_path_ignores)]
    known_records = batch.known_records()
    files = {path for path, _ in batch.new}

    def was_checked(code: str, path: str) -> bool:
        return code in severities and (path in files or not os.path.lexists(path))

    comparison = apply_baseline(remaining, baseline, known_records, was_checked)
    severity_counts = [sum(finding.severity is severity for finding in comparison.remaining) for severity in Severity]
    return CheckReport(
        fail_on=config.check.fail_on,
        failed=any(finding.severity.rank <= config.check.fail_on.rank for finding in comparison.remaining),
        files=tuple(sorted(files)),
        findings=comparison.remaining,
        summary=CheckSummary(
            new=len(batch.new),
            known=len(known_records),
            errors=severity_counts[0],
            warnings=severity_counts[1],
            notes=severity_counts[2],
            baselined=comparison.matched,
            waived=waived_count,
            ignored=len(unwaived) - len(remaining),
            stale=comparison.stale if has_baseline and not known_records else None,
        ),
    )


@dataclass(frozen=True)
class _Batch:
    """The loaded records, sorted by path and record number; `new` holds the (path, record) of the new ones."""

    articles: Sequence[Article]
    rejected: Sequence[Rejected]
    new: frozenset[tuple[str, int]]

    def is_new(self, item: Article | Rejected) -> bool:
        return (item.path, item.record) in self.new

    def known_records(self) -> list[Article | Rejected]:
        records: list[Article | Rejected] = [*self.articles, *self.rejected]
        return [item for item in records if not self.is_new(item)]


def _read_batch(new: Iterable[Loaded], known: Iterable[Loaded], progress: Progress) -> _Batch:
    items: list[Article | Rejected] = []
    new_keys: set[tuple[str, int]] = set()
    for source, is_new in ((new, True), (known, False)):
        for item in source:
            if not isinstance(item, Skipped):
                items.append(item)
                progress.advance()
                if is_new:
                    new_keys.add((item.path, item.record))
    items.sort(key=lambda item: (item.path, item.record))
    return _Batch(
        tuple(item for item in items if isinstance(item, Article)),
        tuple(item for item in items if isinstance(item, Rejected)),
        frozenset(new_keys),
    )


def _sort_key(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.location.path, finding.location.record, finding.location.line, finding.code, finding.message


def _iter_findings(
    batch: _Batch, baseline: Baseline, table: RecurringLines | None, config: Config, progress: Progress
) -> Iterator[Finding]:
    """Yield the findings of all rules, also of deselected ones; only the slow near-miss rules are skipped then."""
    yield from (check_rejected(item) for item in batch.rejected if batch.is_new(item))
    is_new = [batch.is_new(article) for article in batch.articles]
    yield from check_ids(batch.articles, is_new)
    if not any(is_new):
        return
    model = load_model(Path(config.model) if config.model is not None else None)
    ordered = _with_unique_ids(batch.articles)
    index_of = {(article.path, article.record): i for i, article in enumerate(batch.articles)}
    order = [index_of[article.path, article.record] for article in ordered]
    new_positions = frozenset(position for position, i in enumerate(order) if is_new[i])
    with Workspace() as workspace:
        matching = match_articles(
            ordered,
            count_recurring_lines(ordered) if table is None else table,
            ScoringContext(load_idf_table(), model),
            workspace,
            config,
            config.workers or os.cpu_count() or 1,
            progress,
            None if len(new_positions) == len(ordered) else new_positions,
        )
        today = current_date()
        for position in sorted(new_positions):
            report = replace(matching.features.reports[position], article=batch.articles[order[position]])
            yield from check_article(report, config.check, today, detects_delimiters=config.delimiter is None)
        progress.stage("check", None)
        loaded_articles = [batch.articles[i] for i in order]
        check_input = CheckInput(
            matching, loaded_articles, [is_new[i] for i in order], baseline.find_heads(loaded_articles)
        )
        near_miss_codes = {TEMPLATE_SIBLING, SAME_EVENT} & select_rules(config.check).keys()
        yield from check_duplicates(check_input, config.check.min_update_probability, near_miss_codes)


def _with_unique_ids(articles: Sequence[Article]) -> list[Article]:
    """Return the articles in content order, with unique ids: one per record, even if it repeats another record.

    `ingest` treats two records with the same id and content as one article; here they are duplicates.
    """
    unique = resolve_ids(articles).articles
    unique_keys = {(article.path, article.record) for article in unique}
    repeated = [
        replace(article, article_id=f"{article.article_id}~{article.path}#{article.record}")
        for article in articles
        if (article.path, article.record) not in unique_keys
    ]
    return sorted([*unique, *repeated], key=lambda a: (a.content_hash, a.article_id, a.path, a.record))


def _apply_waivers(
    batch: _Batch, findings: Sequence[Finding], severities: dict[str, Severity]
) -> tuple[list[Finding], int]:
    """Return the findings that are not waived, including those about unused waivers, and the number of waived ones."""
    waivers = {
        (article.path, article.record): read_waivers(article) for article in batch.articles if batch.is_new(article)
    }
    broken_codes: dict[tuple[str, int], list[str]] = {}
    unwaived = []
    for finding in findings:
        record = finding.location.path, finding.location.record
        broken_codes.setdefault(record, []).append(finding.code)
        if not any(is_waived(name, finding.code) for name in waivers.get(record, ())):
            unwaived.append(finding)
    waived_count = len(findings) - len(unwaived)
    if "ND901" in severities:
        for article in batch.articles:
            if names := waivers.get((article.path, article.record)):
                unused_waivers = find_unused_waivers(
                    article, names, broken_codes.get((article.path, article.record), ()), severities
                )
                unwaived += [finding.model_copy(update={"severity": severities["ND901"]}) for finding in unused_waivers]
    return sorted(unwaived, key=_sort_key), waived_count
