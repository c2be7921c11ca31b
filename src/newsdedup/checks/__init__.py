"""Checks of new articles: which are broken, which duplicate an article that exists already, and where.

`check` applies to every new article the rules of one article (`article_rules`) and those of duplicates
(`duplicate_rules`), and leaves out what the settings, the articles or the baseline accept. `git_since` lists the files
of a repository that are new.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from newsdedup.arrays import Flags, labels_from_groups
from newsdedup.checks.article_rules import check_article, check_ids, check_rejected, current_date
from newsdedup.checks.baseline import Baseline, apply_baseline
from newsdedup.checks.duplicate_rules import SAME_EVENT, TEMPLATE_SIBLING, CheckInput, check_duplicates
from newsdedup.checks.waivers import apply_waivers, is_exempt, select_rules
from newsdedup.cluster import connected_components
from newsdedup.config import Config
from newsdedup.engine.context import RunContext, open_context
from newsdedup.engine.corpus import Corpus, EmptyCorpus
from newsdedup.engine.matching import Matching
from newsdedup.engine.state import Constraints
from newsdedup.engine.update import update
from newsdedup.execution import NoProgress, Progress
from newsdedup.models import Article, Item, Loaded, Rejected, Skipped
from newsdedup.models.checks import CheckReport, CheckSummary, Finding, Severity
from newsdedup.readers import read_items_by_position
from newsdedup.store import Store

__all__ = ["check"]


def check(
    new: Iterable[Item],
    known: Iterable[Item] = (),
    config: Config | None = None,
    *,
    baseline: Baseline | None = None,
    store: Store | None = None,
    progress: Progress | None = None,
) -> CheckReport:
    """Check the `new` articles, each by itself, against each other and against the `known` ones.

    Both are what `load` yields, or texts, mappings and articles as in `dedupe`; the path of a text or mapping is its
    position, such as `item 3` or `known item 3`. A known record with the path and number of a new one is left out,
    because it is an earlier copy of it. Problems of known articles alone are not reported.

    The articles of an open `store` are known as well, except earlier copies of new ones; nothing is written to the
    store. The findings are the same as with files of the stored articles, except for ND302, which depends on all
    articles: of the store, only the articles that share text or an id with `new` or `known` ones are read.

    The result does not depend on the order of the articles; only ND012 depends on the current date. Raises InputError
    for an item that cannot be used, ModelError if `config.model` cannot be used, StoreError if the store cannot, and
    ConfigError for an invalid SOURCE_DATE_EPOCH.
    """
    config, progress, accepted = config or Config(), progress or NoProgress(), baseline or Baseline()
    progress.stage("load", None)
    new_items = read_items_by_position(new, config, "item")
    batch = _read_batch(new_items, read_items_by_position(known, config, "known item"), progress)
    findings = [check_rejected(item) for item in batch.rejected if batch.is_new(item)]
    if batch.new_articles:
        with open_context(config, progress) as context:
            matched = _match(batch, store, context)
            batch = matched.batch
            findings += _iter_findings(matched, accepted, context)
    findings += check_ids(batch.articles, list(map(batch.is_new, batch.articles)))
    severities = select_rules(config.check)
    selected = sorted((finding for finding in findings if finding.code in severities), key=_sort_key)
    unwaived, waived_count = apply_waivers(batch.new_articles, selected, severities)
    included = [finding for finding in unwaived if not is_exempt(finding, config.check.per_path_ignores)]
    known_records = [item for item in batch.items() if not batch.is_new(item)]
    files = {path for path, _ in batch.new}

    def was_checked(code: str, path: str) -> bool:
        return code in severities and (path in files or not os.path.lexists(path))

    remaining, stale_count = apply_baseline(sorted(included, key=_sort_key), accepted, known_records, was_checked)
    reported = [finding.model_copy(update={"severity": severities[finding.code]}) for finding in remaining]
    counts = Counter(finding.severity for finding in reported)
    return CheckReport(
        fail_on=config.check.fail_on,
        failed=any(severity.rank <= config.check.fail_on.rank for severity in counts),
        files=tuple(sorted(files)),
        findings=tuple(reported),
        summary=CheckSummary(
            new=len(batch.new),
            known=len(known_records),
            errors=counts[Severity.ERROR],
            warnings=counts[Severity.WARNING],
            notes=counts[Severity.NOTE],
            baselined=len(included) - len(remaining),
            waived=waived_count,
            ignored=len(unwaived) - len(included),
            stale=None if baseline is None or known_records else stale_count,
        ),
    )


@dataclass(frozen=True)
class _Batch:
    """The new and the known records; `new` holds the (path, record) of the new ones."""

    articles: Sequence[Article]
    rejected: Sequence[Rejected]
    new: frozenset[tuple[str, int]]

    @property
    def new_articles(self) -> list[Article]:
        return list(filter(self.is_new, self.articles))

    def is_new(self, item: Article | Rejected) -> bool:
        return (item.path, item.record) in self.new

    def items(self) -> list[Article | Rejected]:
        return [*self.articles, *self.rejected]


def _read_batch(new: Iterable[Loaded], known: Iterable[Loaded], progress: Progress) -> _Batch:
    items: list[Article | Rejected] = []
    new_keys: set[tuple[str, int]] = set()
    for source, is_new in ((new, True), (known, False)):
        for item in source:
            if not isinstance(item, Skipped) and (is_new or (item.path, item.record) not in new_keys):
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


@dataclass(frozen=True)
class _MatchedBatch:
    """A batch with the stored articles near it, which are also in `near` by number.

    `order` are the indices in the batch of the articles in `matching`.
    """

    batch: _Batch
    near: Mapping[int, Article]
    matching: Matching
    order: Sequence[int]


def _match(batch: _Batch, store: Store | None, context: RunContext) -> _MatchedBatch:
    """Match the articles of a batch, and those of the store with them, in an update that is not committed."""
    if store is None:
        return _match_with(batch, EmptyCorpus(), (), (Constraints(), Constraints()), context)
    files = {(os.path.realpath(item.path), item.record) for item in batch.items()}
    copies: set[int] = set()
    with store.open_corpus(context) as (corpus, load_constraints):
        while True:
            constraints = load_constraints(()), load_constraints(copies)
            matched = _match_with(batch, corpus, sorted(copies), constraints, context)
            near = matched.near.items()
            new_copies = {number for number, x in near if (os.path.realpath(x.path), x.record) in files}
            if not new_copies:
                return matched
            copies |= new_copies  # the same records were ingested before: match again without these


def _match_with(
    batch: _Batch,
    corpus: Corpus,
    leaving: Sequence[int],
    constraints: tuple[Constraints, Constraints],
    context: RunContext,
) -> _MatchedBatch:
    """Match a batch without the stored articles `leaving`, given by number; those near it are appended to the batch."""
    focus = np.array(list(map(batch.is_new, batch.articles)), dtype=bool)
    numbers = np.array(leaving, dtype=np.int64)
    result = update(corpus, batch.articles, numbers, constraints, run=context, focus=focus)
    positions = np.full(len(result.state.slots), -1, dtype=np.int64)
    arrived = len(result.stored) + np.arange(len(result.incoming.numbers))
    positions[arrived] = result.incoming.batch.positions
    order = positions[result.matched]
    is_near = order < 0
    near_numbers = result.state.numbers[result.matched[is_near]]
    slots = result.stored.slots[result.stored.indices_of(near_numbers)].tolist()
    reports = dict(corpus.load_reports(slots))
    near = {number: reports[slot].article for number, slot in zip(near_numbers.tolist(), slots, strict=True)}
    order[is_near] = len(batch.articles) + np.arange(len(near))
    is_focus = np.append(focus, np.zeros(len(near), dtype=bool))[order]
    matching = _drop_known_clusters(result.matching, is_focus, result.threshold)
    return _MatchedBatch(replace(batch, articles=(*batch.articles, *near.values())), near, matching, order.tolist())


def _drop_known_clusters(matching: Matching, is_new: Flags, threshold: float) -> Matching:
    """Leave out the clusters in connected components without a new article: nothing is reported about them."""
    scores = matching.pair_scores
    edges = matching.group_of[scores.pairs[scores.probabilities >= threshold]]
    links = [(cluster.members[0], member) for cluster in matching.merged_clusters for member in cluster.members[1:]]
    edges = np.concatenate([edges, np.array(links, dtype=np.int64).reshape(-1, 2)])  # a must-link has no edge
    count = len(matching.groups)
    component_of = labels_from_groups(connected_components(count, edges[:, 0], edges[:, 1]), count)
    has_new = set(component_of[matching.group_of[is_new]].tolist())
    clusters = [cluster for cluster in matching.merged_clusters if int(component_of[cluster.members[0]]) in has_new]
    return replace(matching, merged_clusters=clusters)


def _iter_findings(matched: _MatchedBatch, baseline: Baseline, context: RunContext) -> Iterator[Finding]:
    """Yield the findings of all rules about articles, also of deselected ones; only slow near misses are skipped."""
    batch, matching, config = matched.batch, matched.matching, context.config.check
    articles = [batch.articles[i] for i in matched.order]
    is_new = list(map(batch.is_new, articles))
    today = current_date()
    for position in np.flatnonzero(is_new).tolist():
        report = replace(matching.features.reports[position], article=articles[position])
        yield from check_article(report, config, today, detects_delimiters=context.config.delimiter is None)
    context.progress.stage("check", None)
    check_input = CheckInput(matching, articles, is_new, baseline.find_heads(articles), context.executor)
    near_miss_codes = {TEMPLATE_SIBLING, SAME_EVENT} & select_rules(config).keys()
    yield from check_duplicates(check_input, config.min_update_probability, near_miss_codes)
