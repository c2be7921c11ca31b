"""The rules that an article breaks beside others: ND1xx, it tells a report that is there already, and ND3xx, nearly.

One article of each story is its head and passed over: a known one, else the one that the baseline has as such, else the
base. Every other new article of the story
gets one finding, beside the article ahead of it that it is nearest to; so that when all of these are taken away one
article a story is left. Near misses are told of heads only, each pair once.
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

from newsdedup.check_rules import DUPLICATES
from newsdedup.checks.findings import finding
from newsdedup.checks.locations import place
from newsdedup.cluster import Pair
from newsdedup.engine.event_links import event_links
from newsdedup.engine.matching import Matched
from newsdedup.engine.story_builder import find_base
from newsdedup.models import Aligned, Article, Direction, Relation
from newsdedup.models.checks import Finding, SharedPassage
from newsdedup.score import score
from newsdedup.text import fold, joined
from newsdedup.thresholds import NEAREST_ASKED, OTHERS_NAMED, SAME_TEXT_WORDS

TEMPLATE, EVENT, DOUBTFUL = "ND301", "ND302", "ND303"

_SAYS = {
    (Relation.ABRIDGED, Direction.FROM_BASE): "cut from {other}",
    (Relation.ABRIDGED, Direction.TO_BASE): "the whole of which {other} is a cut",
    (Relation.UPDATE, Direction.FROM_BASE): "a later edit of {other}",
    (Relation.UPDATE, Direction.TO_BASE): "an earlier edit of {other}",
}
_SAYS_PLAINLY = {
    Relation.IDENTICAL: "word for word the report of {other}",
    Relation.REPRINT: "a reprint of {other}",
    Relation.ABRIDGED: "{other} cut, or cut to it",
    Relation.UPDATE: "another edit of {other}",
    Relation.REWRITE: "the report of {other} in other words",
}
_NEAREST = tuple(DUPLICATES)
_TITLE_CHARS = 60


@dataclass(frozen=True)
class Checked:
    """Matched articles, by place: as they were `loaded`, which are `new`, and which the baseline has as `heads`."""

    matched: Matched
    loaded: Sequence[Article]
    new: Sequence[bool]
    heads: Sequence[bool]

    def rank(self, i: int) -> tuple[bool, str, int]:
        """Return the key of the order in which articles come: known ones first, then by path."""
        return self.new[i], self.loaded[i].path, self.loaded[i].record


def told_together(checked: Checked, sure_update: float, near_misses: AbstractSet[str]) -> Iterator[Finding]:
    """Yield the duplicates among new and known articles, and the `near_misses` asked for, which take time of their own.

    A story is what `ingest` would make of all articles, and further copies of its texts (`_stories`). An update under
    the probability `sure_update` is a near miss, since a follow-up looks much like one.
    """
    stories = [_in_order(checked, members) for members in _stories(checked.matched)]
    group = {i: number for number, members in enumerate(checked.matched.groups.rows()) for i in members}
    ties = _ties(checked.matched)
    for story in stories:
        ahead = _Ahead(group, ties)
        for i in story:
            if ahead.places and checked.new[i]:
                yield _duplicate(checked, i, ahead, sure_update)
            ahead.add(i)
    heads = [story[0] for story in stories]
    if TEMPLATE in near_misses:
        head = {group[i]: story[0] for story in stories for i in story}
        pairs = (sorted((head[g], head[h])) for g, h in checked.matched.templates if head[g] != head[h])
        yield from _near_misses(checked, TEMPLATE, dict.fromkeys((one, other) for one, other in pairs))
    if EVENT in near_misses and any(checked.new[i] for i in heads):
        yield from _near_misses(checked, EVENT, _events(checked.matched, heads))


def _stories(matched: Matched) -> list[list[int]]:
    """Return the members of every cluster; those that hold one text between them, under whatever titles, are joined.

    `ingest` keeps such texts apart if they do not speak of their titles, as a robot check saved for an article does
    not. To whoever adds it, it is a copy all the same.
    """
    stories: dict[int, list[int]] = {}
    home: dict[bytes, int] = {}
    for number, cluster in enumerate(matched.clusters()):
        members = [i for each in cluster.members for i in matched.groups[each].tolist()]
        told = [matched.profiles[i].word_hashes for i in members]
        texts = [hashlib.blake2b(words.tobytes()).digest() for words in told if len(words) >= SAME_TEXT_WORDS]
        target, *others = sorted({home[text] for text in texts if text in home}) or [number]
        for other in others:
            members += stories.pop(other)
            home.update((text, target) for text, at in home.items() if at == other)
        home.update(dict.fromkeys(texts, target))
        stories.setdefault(target, []).extend(members)
    return list(stories.values())


def _in_order(checked: Checked, members: Sequence[int]) -> list[int]:
    """Return the members of a story, known ones first, then the baseline's head or the base, then by path."""
    ranked = sorted(members, key=checked.rank)
    if len(ranked) > 1 and checked.new[ranked[0]]:
        head = next((i for i in ranked if checked.heads[i]), None)
        if head is None:
            profiles = [checked.matched.profiles[i] for i in sorted(ranked)]
            head = sorted(ranked)[find_base(profiles, checked.matched.resources.model)[0]]
        ranked.remove(head)
        ranked.insert(0, head)
    return ranked


def _ties(matched: Matched) -> dict[int, list[tuple[int, float]]]:
    """Return, for each group of articles of one text, the groups that it was scored with, and how likely each is."""
    ties: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for (one, another), probability in matched.scored.items():
        ties[one].append((another, probability))
        ties[another].append((one, probability))
    return ties


class _Ahead:
    """The articles of a story that were passed so far: `places` in order.

    Asking for the likeliest takes no look at each of them: in a story of thousands of copies that would not end.
    """

    def __init__(self, group: Mapping[int, int], ties: Mapping[int, Sequence[tuple[int, float]]]) -> None:
        self.places: list[int] = []
        self._group = group
        self._ties = ties
        self._of_group: dict[int, list[int]] = defaultdict(list)

    def add(self, i: int) -> None:
        """Let article `i` be passed."""
        self._of_group[self._group[i]].append(len(self.places))
        self.places.append(i)

    def twin(self, i: int) -> int | None:
        """Return the first article that has the text of article `i`."""
        ranks = self._of_group.get(self._group[i])
        return self.places[ranks[0]] if ranks else None

    def likeliest(self, i: int) -> dict[int, float]:
        """Return the NEAREST_ASKED likeliest to tell the report of `i`, with the probability; -1 where none is known.

        Of equals the first in order.
        """
        tied = [
            (-probability, rank)
            for number, probability in self._ties.get(self._group[i], ())
            for rank in self._of_group.get(number, ())[:NEAREST_ASKED]
        ]
        best = {rank: -minus for minus, rank in heapq.nsmallest(NEAREST_ASKED, tied)}
        for rank in range(min(len(self.places), 2 * NEAREST_ASKED)):
            if len(best) < NEAREST_ASKED:
                best.setdefault(rank, -1.0)
        return {self.places[rank]: probability for rank, probability in best.items()}


def _duplicate(checked: Checked, i: int, ahead: _Ahead, sure_update: float) -> Finding:
    """Return the finding about article `i`, beside the nearest of those ahead of it in its story."""
    profiles, model = checked.matched.profiles, checked.matched.resources.model
    if (twin := ahead.twin(i)) is not None:
        other, found = twin, score(profiles[twin], profiles[i], model)
        relation, probability = Relation.IDENTICAL, 1.0
    else:
        likeliest = ahead.likeliest(i)
        scores = {other: score(profiles[other], profiles[i], model) for other in likeliest}
        # What was copied word for word is nearer than what is surely the same report; of several the first in order.
        other = min(likeliest, key=lambda x: (_NEAREST.index(scores[x].relation), -likeliest[x]))
        found = scores[other]
        relation = found.relation
        probability = 1.0 if relation is Relation.IDENTICAL else found.probability
    says = _SAYS.get((relation, found.direction), _SAYS_PLAINLY[relation])
    code, message = DUPLICATES[relation], says.format(other=_named(checked, other))
    if relation is Relation.UPDATE and probability < sure_update:
        code, message = DOUBTFUL, f"perhaps {message}, or a follow-up of it"
    named = [other, *islice((x for x in ahead.places if x != other), OTHERS_NAMED)]
    return _beside(
        checked,
        code,
        message,
        i,
        named,
        found.aligned,
        more=len(ahead.places) - len(named),
        probability=probability,
        relation=relation,
        direction=found.direction,
    )


def _near_misses(checked: Checked, code: str, pairs: dict[Pair, float | None]) -> Iterator[Finding]:
    """Yield one finding for each new head that is in a pair with one before it, which names the likeliest such pair."""
    before: dict[int, list[tuple[float, tuple[bool, str, int], int]]] = defaultdict(list)
    for pair, probability in pairs.items():
        first, later = sorted(pair, key=checked.rank)
        if checked.new[later]:
            before[later].append((-(probability or 0), checked.rank(first), first))
    profiles = checked.matched.profiles
    for i, met in before.items():
        ranked = sorted(met)
        others = [other for _, _, other in ranked]
        aligned = score(profiles[others[0]], profiles[i], checked.matched.resources.model).aligned
        name = _named(checked, others[0])
        if code == TEMPLATE:
            yield _beside(checked, code, f"from one template with {name}, other names and numbers", i, others, aligned)
        else:
            message = f"a separate report about the event of {name}"
            yield _beside(checked, code, message, i, others, aligned, probability=-ranked[0][0])


def _events(matched: Matched, heads: Sequence[int]) -> dict[Pair, float | None]:
    links = event_links(matched, np.array(heads, dtype=np.int64), 1)
    return {(heads[i], heads[j]): probability for i, j, probability in links}


def _named(checked: Checked, i: int) -> str:
    """Return how a message calls an article: by its title and its place."""
    at = place(checked.loaded[i])
    title = fold(checked.matched.profiles[i].report.title or "")
    short = title if len(title) <= _TITLE_CHARS else title[: _TITLE_CHARS - 1].rstrip() + "…"
    return f"“{short}” ({at.path}:{at.line})" if short else f"{at.path}:{at.line}"


def _beside(
    checked: Checked,
    code: str,
    message: str,
    i: int,
    others: Sequence[int],
    aligned: Sequence[Aligned],
    *,
    more: int = 0,
    **evidence: Any,
) -> Finding:
    """Return a finding about article `i` beside the first of `others`; `aligned` has that one as its first side.

    Of further articles there are `more` than those in `others`.
    """
    one, other = (checked.matched.profiles[x].report.sentences for x in (i, others[0]))
    run = _longest_run(aligned, one)
    own, theirs = [one[x.b] for x in run], [other[x.a] for x in run]
    passage = SharedPassage(
        text=joined(own),
        other_text=joined(theirs),
        sentences=(len({x.b for x in aligned}), len(one)),
        other_sentences=(len({x.a for x in aligned}), len(other)),
    )
    named = others[1 : 1 + OTHERS_NAMED]
    return finding(
        code,
        message,
        place(checked.loaded[i], own),
        checked.loaded[i].content_hash,
        other=place(checked.loaded[others[0]], theirs),
        others=tuple(checked.loaded[x].article_id for x in named),
        more=more + len(others) - 1 - len(named),
        passage=passage if run else None,
        **evidence,
    )


def _longest_run(aligned: Sequence[Aligned], sentences: Sequence[str]) -> list[Aligned]:
    """Return the run of sentences, neighbours on both sides, that are aligned over most of their length."""
    runs: list[list[Aligned]] = []
    for x in sorted(aligned, key=lambda x: (x.b, x.a)):
        if runs and (x.a, x.b) == (runs[-1][-1].a + 1, runs[-1][-1].b + 1):
            runs[-1].append(x)
        else:
            runs.append([x])
    return max(runs, key=lambda run: sum(len(sentences[x.b]) * max(x.covered_b, x.verbatim) for x in run), default=[])
