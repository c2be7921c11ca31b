"""The rules about pairs of articles: ND1xx, duplicates of an article that exists already, and ND3xx, near misses.

Each story has one head, which gets no finding: a known article, else the one that the baseline implies, else the base.
Every other new article of the story gets one finding, compared with the nearest of the articles that precede it. So if
all articles with such findings are removed, one article remains per story. Near misses are reported between heads only,
each pair once.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from newsdedup.check_rules import DUPLICATE_CODES
from newsdedup.checks.findings import make_finding, shorten
from newsdedup.checks.locations import locate_article
from newsdedup.cluster import Pair
from newsdedup.engine.event_links import find_event_links
from newsdedup.engine.matching import Matching
from newsdedup.execution import Executor
from newsdedup.merge.base_choice import choose_base
from newsdedup.merge.versions import find_superseded
from newsdedup.models import Aligned, Article, Direction, Relation, Score
from newsdedup.models.checks import Finding, SharedPassage
from newsdedup.score import score
from newsdedup.text import join_sentences
from newsdedup.thresholds import MAX_NAMED_ARTICLES, NEAREST_CANDIDATES, SAME_TEXT_MIN_WORDS

TEMPLATE_SIBLING, SAME_EVENT, POSSIBLE_UPDATE = "ND301", "ND302", "ND303"

_DIRECTED_MESSAGES = {
    (Relation.ABRIDGED, Direction.FROM_BASE): "an abridged version of {other}",
    (Relation.ABRIDGED, Direction.TO_BASE): "the full version of {other}",
    (Relation.UPDATE, Direction.FROM_BASE): "a later edit of {other}",
    (Relation.UPDATE, Direction.TO_BASE): "an earlier edit of {other}",
}
_RELATION_MESSAGES = {
    Relation.IDENTICAL: "the same text as {other}",
    Relation.REPRINT: "a reprint of {other}",
    Relation.ABRIDGED: "a shorter or longer version of {other}",
    Relation.UPDATE: "another edit of {other}",
    Relation.REWRITE: "a rewrite of {other}",
}
_NEAR_MISS_MESSAGES = {
    TEMPLATE_SIBLING: "same template as {other}, with other names and numbers",
    SAME_EVENT: "a separate report about the same event as {other}",
}
_NEAREST_FIRST = tuple(DUPLICATE_CODES)
_MAX_TITLE_CHARS = 60


@dataclass(frozen=True)
class CheckInput:
    """Matched articles as they were loaded; for each, whether it is new, and whether it is a head by the baseline."""

    matching: Matching
    articles: Sequence[Article]
    is_new: Sequence[bool]
    is_accepted_head: Sequence[bool]
    executor: Executor

    def sort_key(self, i: int) -> tuple[bool, str, int]:
        """Return the sort key of an article: known ones first, then by path and record."""
        return self.is_new[i], self.articles[i].path, self.articles[i].record

    def compare(self, a: int, b: int) -> Score:
        """Return the score of two articles."""
        features = self.matching.features
        return score(features[a], features[b], self.matching.scoring.model)

    def describe(self, i: int) -> str:
        """Return how a message names an article: by its title and location."""
        location = locate_article(self.articles[i])
        title = shorten(self.matching.features[i].report.title or "", _MAX_TITLE_CHARS)
        return f"“{title}” ({location.path}:{location.line})" if title else f"{location.path}:{location.line}"


def check_duplicates(
    check_input: CheckInput, min_update_probability: float, near_miss_codes: AbstractSet[str]
) -> Iterator[Finding]:
    """Yield the duplicates among new and known articles, and the near misses of `near_miss_codes`, which take longer.

    Stories are those of `ingest`, with further copies of their texts added (`_collect_stories`). An update with less
    than `min_update_probability` counts as a near miss, since follow-ups look much like updates.
    """
    matching = check_input.matching
    stories = [_order_members(check_input, members) for members in _collect_stories(matching)]
    group_of = matching.group_of.tolist()
    edges = _build_edges(matching)
    for story in stories:
        predecessors = _Predecessors(group_of, edges)
        for i in story:
            if predecessors.indices and check_input.is_new[i]:
                yield _make_duplicate_finding(check_input, i, predecessors, min_update_probability)
            predecessors.add(i)
    heads = [story[0] for story in stories]
    if TEMPLATE_SIBLING in near_miss_codes:
        head_of = {group_of[i]: story[0] for story in stories for i in story}
        scores = matching.pair_scores
        pairs = ((head_of[a], head_of[b]) for a, b in matching.group_of[scores.pairs[scores.is_template]].tolist())
        near_misses = dict.fromkeys((min(pair), max(pair)) for pair in pairs if pair[0] != pair[1])
        yield from _find_near_misses(check_input, TEMPLATE_SIBLING, near_misses)
    if SAME_EVENT in near_miss_codes and any(check_input.is_new[i] for i in heads):
        links = find_event_links(matching, np.array(heads, dtype=np.int64), check_input.executor)
        events = {(heads[i], heads[j]): probability for i, j, probability in links}
        yield from _find_near_misses(check_input, SAME_EVENT, events)


def _collect_stories(matching: Matching) -> list[list[int]]:
    """Return the members of every cluster, with clusters merged that contain the same text, under any titles.

    `ingest` keeps equal texts separate if they have nothing to do with their titles, such as a robot check saved in
    place of an article. But to the person who adds the file, it is a copy.
    """
    stories: dict[int, list[int]] = {}
    story_of: dict[bytes, int] = {}
    for number, cluster in enumerate(matching.iter_clusters()):
        members = [i for group in cluster.members for i in matching.groups[group].tolist()]
        hashes = [matching.features[i].word_hashes for i in members]
        texts = [hashlib.blake2b(words.tobytes()).digest() for words in hashes if len(words) >= SAME_TEXT_MIN_WORDS]
        story, *absorbed_stories = sorted({story_of[text] for text in texts if text in story_of}) or [number]
        for absorbed in absorbed_stories:
            members += stories.pop(absorbed)
            story_of.update((text, story) for text, holder in story_of.items() if holder == absorbed)
        story_of.update(dict.fromkeys(texts, story))
        stories.setdefault(story, []).extend(members)
    return list(stories.values())


def _order_members(check_input: CheckInput, members: Sequence[int]) -> list[int]:
    """Return the members of a story: the head first, then known articles, then new ones, by path.

    The head is the first known article, else the one that the baseline implies, else the base.
    """
    ranked = sorted(members, key=check_input.sort_key)
    if len(ranked) > 1 and check_input.is_new[ranked[0]]:
        head = next((i for i in ranked if check_input.is_accepted_head[i]), None)
        if head is None:
            features = [check_input.matching.features[i] for i in sorted(ranked)]
            head = sorted(ranked)[choose_base(features, find_superseded(features)).index]
        ranked.sort(key=lambda i: i != head)
    return ranked


def _build_edges(matching: Matching) -> dict[int, list[tuple[int, float]]]:
    """Return for each group of identical articles the groups that it was scored with, and the probabilities."""
    edges: dict[int, list[tuple[int, float]]] = defaultdict(list)
    pairs = matching.group_of[matching.pair_scores.pairs].tolist()
    for (a, b), probability in zip(pairs, matching.pair_scores.probabilities.tolist(), strict=True):
        edges[a].append((b, probability))
        edges[b].append((a, probability))
    return edges


class _Predecessors:
    """The articles of a story that precede the current one, in order: `indices`.

    The search for the likeliest duplicates does not visit all of them, since a story may have thousands of copies.
    """

    def __init__(self, group_of: Sequence[int], edges: Mapping[int, Sequence[tuple[int, float]]]) -> None:
        self.indices: list[int] = []
        self._group_of = group_of
        self._edges = edges
        self._ranks_by_group: dict[int, list[int]] = defaultdict(list)

    def add(self, i: int) -> None:
        """Append article `i`."""
        self._ranks_by_group[self._group_of[i]].append(len(self.indices))
        self.indices.append(i)

    def find_copy(self, i: int) -> int | None:
        """Return the first article with the same text as article `i`, or None."""
        ranks = self._ranks_by_group.get(self._group_of[i])
        return self.indices[ranks[0]] if ranks else None

    def find_likeliest(self, i: int) -> dict[int, float]:
        """Return the NEAREST_CANDIDATES likeliest duplicates of article `i` with their probabilities, -1 if not scored.

        Ties are broken by their order.
        """
        ranked = [
            (-probability, rank)
            for group, probability in self._edges.get(self._group_of[i], ())
            for rank in self._ranks_by_group.get(group, ())[:NEAREST_CANDIDATES]
        ]
        best = {rank: -negative for negative, rank in heapq.nsmallest(NEAREST_CANDIDATES, ranked)}
        for rank in range(min(len(self.indices), 2 * NEAREST_CANDIDATES)):
            if len(best) < NEAREST_CANDIDATES:
                best.setdefault(rank, -1.0)
        return {self.indices[rank]: probability for rank, probability in best.items()}


def _make_duplicate_finding(
    check_input: CheckInput, i: int, predecessors: _Predecessors, min_update_probability: float
) -> Finding:
    """Return the finding about article `i`, compared with the nearest of its predecessors in the story."""
    copy = predecessors.find_copy(i)
    candidates = predecessors.find_likeliest(i) if copy is None else {copy: 1.0}
    scores = {x: check_input.compare(x, i) for x in candidates}
    # A closer relation counts more than a higher probability; of equals, the first in order.
    nearest = min(candidates, key=lambda x: (_NEAREST_FIRST.index(scores[x].relation), -candidates[x]))
    pair_score = scores[nearest]
    relation = pair_score.relation if copy is None else Relation.IDENTICAL
    probability = 1.0 if relation is Relation.IDENTICAL else pair_score.probability
    code = DUPLICATE_CODES[relation]
    message = _DIRECTED_MESSAGES.get((relation, pair_score.direction), _RELATION_MESSAGES[relation])
    if relation is Relation.UPDATE and probability < min_update_probability:
        code, message = POSSIBLE_UPDATE, f"possibly {message}, or a follow-up to it"
    others = [nearest, *islice((x for x in predecessors.indices if x != nearest), MAX_NAMED_ARTICLES)]
    evidence = {"probability": probability, "relation": relation, "direction": pair_score.direction}
    return _make_pair_finding(check_input, code, message, i, others, len(predecessors.indices), pair_score, **evidence)


def _find_near_misses(check_input: CheckInput, code: str, pairs: Mapping[Pair, float | None]) -> Iterator[Finding]:
    """Yield one finding for each new head that is paired with earlier ones, compared with the likeliest of these."""
    earlier: dict[int, dict[int, float | None]] = defaultdict(dict)
    for pair, probability in pairs.items():
        first, later = sorted(pair, key=check_input.sort_key)
        if check_input.is_new[later]:
            earlier[later][first] = probability
    message = _NEAR_MISS_MESSAGES[code]
    for i, probability_of in earlier.items():
        others = sorted(probability_of, key=lambda x: (-(probability_of[x] or 0), check_input.sort_key(x)))
        pair_score, evidence = check_input.compare(others[0], i), {"probability": probability_of[others[0]]}
        yield _make_pair_finding(check_input, code, message, i, others, len(others), pair_score, **evidence)


def _make_pair_finding(
    check_input: CheckInput,
    code: str,
    message: str,
    i: int,
    others: Sequence[int],
    count: int,
    pair_score: Score,
    **evidence: Any,
) -> Finding:
    """Return a finding about article `i`, compared with the first of `others`, which are the first of `count`."""
    nearest, *named = others[: 1 + MAX_NAMED_ARTICLES]
    aligned = pair_score.aligned
    sentences, other_sentences = (check_input.matching.features[x].report.sentences for x in (i, nearest))
    run = _find_longest_run(aligned, sentences)
    shared, other_shared = [sentences[x.b] for x in run], [other_sentences[x.a] for x in run]
    passage = SharedPassage(
        text=join_sentences(shared),
        other_text=join_sentences(other_shared),
        sentences=(len({x.b for x in aligned}), len(sentences)),
        other_sentences=(len({x.a for x in aligned}), len(other_sentences)),
    )
    return make_finding(
        code,
        message.format(other=check_input.describe(nearest)),
        locate_article(check_input.articles[i], shared),
        other=locate_article(check_input.articles[nearest], other_shared),
        others=tuple(check_input.articles[x].article_id for x in named),
        more=count - 1 - len(named),
        passage=passage if run else None,
        **evidence,
    )


def _find_longest_run(aligned: Sequence[Aligned], sentences: Sequence[str]) -> list[Aligned]:
    """Return the run of aligned sentences, consecutive on both sides, that covers the most characters."""
    runs: list[list[Aligned]] = []
    for x in sorted(aligned, key=lambda x: (x.b, x.a)):
        if runs and (x.a, x.b) == (runs[-1][-1].a + 1, runs[-1][-1].b + 1):
            runs[-1].append(x)
        else:
            runs.append([x])
    return max(runs, key=lambda run: sum(len(sentences[x.b]) * max(x.covered_b, x.verbatim) for x in run), default=[])
