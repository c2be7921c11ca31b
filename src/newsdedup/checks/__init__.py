"""The gate for new articles: which are broken, which tell a report that is there already, and where.

`check` asks of every new article what it breaks by itself (`alone`) and beside the others (`together`), and leaves out
what the settings, the articles or the baseline accept. `since` tells which files of a repository are new.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from threadpoolctl import threadpool_limits

from newsdedup.checks.article_rules import refused, same_ids, today, told_alone
from newsdedup.checks.baseline import Baseline, hold_against
from newsdedup.checks.duplicate_rules import EVENT, TEMPLATE, Checked, told_together
from newsdedup.checks.waivers import covers, is_exempt, selected, unused, waived
from newsdedup.clean import LineTable, count_lines
from newsdedup.config import Config
from newsdedup.engine import Progress
from newsdedup.engine.executor import Resources, Silent
from newsdedup.engine.matching import match
from newsdedup.engine.workspace import Workspace
from newsdedup.idf import load_background
from newsdedup.models import Article, Loaded, Rejected, Skipped
from newsdedup.models.checks import CheckReport, CheckSummary, Finding, Severity
from newsdedup.readers import identify
from newsdedup.score import load_model

__all__ = ["check"]


def check(
    new: Iterable[Loaded],
    known: Iterable[Loaded] = (),
    config: Config | None = None,
    *,
    baseline: Baseline | None = None,
    table: LineTable | None = None,
    progress: Progress | None = None,
) -> CheckReport:
    """Return what is wrong with the `new` articles, by themselves, among each other and beside the `known` ones.

    Both are what `load` yields, each record in one of the two. What is wrong with known ones alone is not told. The
    same articles give the same report in any order; ND012 alone depends on the day. `table` is what the outlets repeat,
    where that is known of more articles than these (`Store.near`). Raises ModelError where
    `config.model` cannot be used, ConfigError for a broken SOURCE_DATE_EPOCH.
    """
    config, progress, accepts = config or Config(), progress or Silent(), baseline is not None
    baseline = baseline or Baseline()
    progress.stage("load", None)
    batch = _read(new, known, progress)
    with threadpool_limits(limits=1, user_api="blas"):
        found = sorted(_findings(batch, baseline, table, config, progress), key=_order)
    severity = selected(config.check)
    asked = [each.model_copy(update={"severity": severity[each.code]}) for each in found if each.code in severity]
    kept, waived_count = _without_waived(batch, asked, severity)
    left = [each for each in kept if not is_exempt(each, config.check.per_path_ignores)]
    beside = batch.known()
    files = {path for path, _ in batch.new}

    def judged(code: str, path: str) -> bool:
        return code in severity and (path in files or not os.path.lexists(path))

    held = hold_against(left, baseline, beside, judged)
    shown = [sum(each.severity is severity for each in held.left) for severity in Severity]
    return CheckReport(
        fail_on=config.check.fail_on,
        failed=any(each.severity.rank <= config.check.fail_on.rank for each in held.left),
        files=tuple(sorted(files)),
        findings=held.left,
        summary=CheckSummary(
            new=len(batch.new),
            known=len(beside),
            errors=shown[0],
            warnings=shown[1],
            notes=shown[2],
            baselined=held.known,
            waived=waived_count,
            ignored=len(kept) - len(left),
            stale=held.stale if accepts and not beside else None,
        ),
    )


@dataclass(frozen=True)
class _Batch:
    """What was loaded, by path and record; `new` holds these two of every record that is new."""

    articles: Sequence[Article]
    rejected: Sequence[Rejected]
    new: frozenset[tuple[str, int]]

    def is_new(self, item: Article | Rejected) -> bool:
        return (item.path, item.record) in self.new

    def known(self) -> list[Article | Rejected]:
        every: list[Article | Rejected] = [*self.articles, *self.rejected]
        return [item for item in every if not self.is_new(item)]


def _read(new: Iterable[Loaded], known: Iterable[Loaded], progress: Progress) -> _Batch:
    items: list[Article | Rejected] = []
    fresh: set[tuple[str, int]] = set()
    for source, is_new in ((new, True), (known, False)):
        for item in source:
            if not isinstance(item, Skipped):
                items.append(item)
                progress.advance()
                if is_new:
                    fresh.add((item.path, item.record))
    items.sort(key=lambda item: (item.path, item.record))
    return _Batch(
        tuple(item for item in items if isinstance(item, Article)),
        tuple(item for item in items if isinstance(item, Rejected)),
        frozenset(fresh),
    )


def _order(found: Finding) -> tuple[str, int, int, str, str]:
    return found.location.path, found.location.record, found.location.line, found.code, found.message


def _findings(
    batch: _Batch, baseline: Baseline, table: LineTable | None, config: Config, progress: Progress
) -> Iterator[Finding]:
    """Yield all that is wrong, whatever the settings leave out; but nothing is looked for at length that they do."""
    yield from (refused(item) for item in batch.rejected if batch.is_new(item))
    new = [batch.is_new(article) for article in batch.articles]
    yield from same_ids(batch.articles, new)
    if not any(new):
        return
    model = load_model(Path(config.model) if config.model is not None else None)
    articles = _with_ids_of_their_own(batch.articles)
    at = {(article.path, article.record): i for i, article in enumerate(batch.articles)}
    order = [at[article.path, article.record] for article in articles]
    wanted = frozenset(place for place, i in enumerate(order) if new[i])
    with Workspace() as workspace:
        matched = match(
            articles,
            count_lines(articles) if table is None else table,
            Resources(load_background(), model),
            workspace,
            config,
            config.workers or os.cpu_count() or 1,
            progress,
            None if len(wanted) == len(articles) else wanted,
        )
        day = today()
        for place in sorted(wanted):
            report = replace(matched.profiles.reports[place], article=batch.articles[order[place]])
            yield from told_alone(report, config.check, day, split=config.delimiter is None)
        progress.stage("check", None)
        loaded = [batch.articles[i] for i in order]
        checked = Checked(matched, loaded, [new[i] for i in order], baseline.heads(loaded))
        near_misses = {TEMPLATE, EVENT} & selected(config.check).keys()
        yield from told_together(checked, config.check.min_update_probability, near_misses)


def _with_ids_of_their_own(articles: Sequence[Article]) -> list[Article]:
    """Return the articles in content order as they are matched: every record, also one that repeats another.

    `ingest` takes two records with one id and one content for one article; here they are a duplicate.
    """
    kept = identify(articles).articles
    left = {(article.path, article.record) for article in kept}
    repeated = [
        replace(article, article_id=f"{article.article_id}~{article.path}#{article.record}")
        for article in articles
        if (article.path, article.record) not in left
    ]
    return sorted([*kept, *repeated], key=lambda a: (a.content_hash, a.article_id, a.path, a.record))


def _without_waived(
    batch: _Batch, findings: Sequence[Finding], severity: dict[str, Severity]
) -> tuple[list[Finding], int]:
    """Return the findings that no article waives, those about useless waivers among them, and how many are waived."""
    waivers = {(each.path, each.record): waived(each) for each in batch.articles if batch.is_new(each)}
    broken: dict[tuple[str, int], list[str]] = {}
    left = []
    for found in findings:
        record = found.location.path, found.location.record
        broken.setdefault(record, []).append(found.code)
        if not any(covers(name, found.code) for name in waivers.get(record, ())):
            left.append(found)
    count = len(findings) - len(left)
    if "ND901" in severity:
        for article in batch.articles:
            if names := waivers.get((article.path, article.record)):
                useless = unused(article, names, broken.get((article.path, article.record), ()), severity)
                left += [each.model_copy(update={"severity": severity["ND901"]}) for each in useless]
    return sorted(left, key=_order), count
