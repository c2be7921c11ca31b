"""Stage 6 of 8: cluster. Makes stories of scored pairs, without chains and whatever the order of input.

Joining everything that is tied to anything makes chains, and chains grow without bound: docs/design-notes.md 8 has a
case of hundreds of thousands of pages. Here the strongest tie at or over the threshold is taken first, and two clusters
join only if they hold together as wholes: the mean probability over their cross pairs reaches most of the threshold
(`TOGETHER`), and so do more than half of these pairs. Cross pairs that were never candidates are scored when asked for;
of large clusters a fixed number of members is asked, so that a story of 5,000 reprints costs 5,000 times that number
and not its square. Rejected: complete linkage, since one bad score would split every large story; connected components
at a higher threshold, since round-ups bridge at any; average linkage alone, cross-validated F1 .905 at .5 and .899 at
.4 where this had .910 and .917 (one-off trial).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from newsdedup.arrays import Ragged, bounds_of
from newsdedup.thresholds import AGREEING, SPOKESMEN, TOGETHER

Pair = tuple[int, int]
Ints = NDArray[np.int64]
Ask = Callable[[Sequence[Pair]], Mapping[Pair, float]]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A story's members in content order, the weakest of their mean ties, and the members it would part without."""

    members: tuple[int, ...]
    weakest: float
    bridges: tuple[int, ...]


@dataclass(slots=True)
class _Growing:
    """A cluster while it grows: `speaking` are the first of its members, in order; `members` all, in no order."""

    members: list[int]
    speaking: list[int]
    refused: dict[int, int] = field(default_factory=dict)


def components(count: int, left: Ints, right: Ints) -> Ragged:
    """Return the connected components of two reports or more: their numbers (int64), ascending, by first member.

    `left` and `right` are the ends of the ties at or over the threshold, of `count` reports. No story reaches over a
    component, so that each can be clustered by itself (`clustered`); whoever is in none is a story alone.
    """
    root = np.arange(count, dtype=np.int64)
    while len(left):
        low, high = np.minimum(left, right), np.maximum(left, right)
        np.minimum.at(root, high, low)
        while not np.array_equal(above := root[root], root):
            root = above
        left, right = root[left], root[right]
        apart = left != right
        left, right = left[apart], right[apart]
    tied = np.flatnonzero(np.bincount(root, minlength=count)[root] > 1)
    values = tied[np.argsort(root[tied], kind="stable")]
    return Ragged(values, bounds_of(np.unique(root[tied], return_counts=True)[1]))


def cluster(count: int, scored: Mapping[Pair, float], threshold: float, ask: Ask) -> list[Cluster]:
    """Return the stories of `count` reports, each report in exactly one, sorted by first member.

    `scored` holds the probability of pairs (i, j), i < j; `ask` returns that of further pairs. Reports must be numbered
    by content, so that ties (broken by the smaller numbers) do not depend on the order of input.
    """
    return clustered(range(count), scored, threshold, ask)


def clustered(
    numbers: Iterable[int],
    scored: Mapping[Pair, float],
    threshold: float,
    ask: Ask,
    together: Sequence[Pair] = (),
    apart: Sequence[Pair] = (),
) -> list[Cluster]:
    """Return the stories of the reports with these numbers, of which no tie may lead to another: see `cluster`.

    `scored` holds the known pairs among them, those under the threshold too; `ask` is asked for no others. What is
    decided comes before what is measured: pairs `together` are in one story, those `apart` never are; of other reports
    both may hold pairs too.
    """
    known = dict(scored)
    home = {i: i for i in numbers}
    growing = {i: _Growing([i], [i]) for i in home}
    foes = _both_ways(apart)
    decided = {pair for pair in together if pair[0] in home and pair[1] in home}
    for i, j in [*sorted(decided), *_strongest_first(scored, threshold)]:
        at, gone = home[i], home[j]
        if at == gone:
            continue
        one, other = growing[at], growing[gone]
        if foes and any(foes.get(member, set()).intersection(other.members) for member in one.members):
            continue
        sizes = len(one.members) + len(other.members)
        if one.refused.get(gone) == sizes:  # asked before, and neither has grown since
            continue
        if (i, j) not in decided and not _hold_together(one.speaking, other.speaking, known, threshold, ask):
            one.refused[gone] = sizes
            continue
        if len(one.members) < len(other.members):
            at, gone, one, other = gone, at, other, one
        for member in other.members:
            home[member] = at
        one.members += other.members
        one.speaking = list(heapq.merge(one.speaking, other.speaking))[:SPOKESMEN]
        del growing[gone]
    return _described(growing, home, known, threshold)


def _both_ways(pairs: Iterable[Pair]) -> dict[int, set[int]]:
    out: dict[int, set[int]] = {}
    for i, j in pairs:
        out.setdefault(i, set()).add(j)
        out.setdefault(j, set()).add(i)
    return out


def _strongest_first(scored: Mapping[Pair, float], threshold: float) -> list[Pair]:
    """Return the ties in the order in which they may join: probability times the share of neighbours in common.

    The neighbours tell a tie inside a story from one high score between two (structural similarity, Xu et al. 2007).
    """
    near: dict[int, set[int]] = {}
    ties = [pair for pair, probability in scored.items() if probability >= threshold]
    for i, j in ties:
        near.setdefault(i, {i}).add(j)
        near.setdefault(j, {j}).add(i)

    def weight(pair: Pair) -> float:
        one, other = near[pair[0]], near[pair[1]]
        shared = len(one & other)
        return scored[pair] * shared / (len(one) + len(other) - shared)

    return sorted(ties, key=lambda pair: (-weight(pair), pair))


def _hold_together(
    one: Sequence[int], other: Sequence[int], known: dict[Pair, float], threshold: float, ask: Ask
) -> bool:
    """Tell whether two clusters tell one report as wholes; adds what it asked to `known`."""
    pairs = [(min(i, j), max(i, j)) for i in one for j in other]
    if missing := [pair for pair in pairs if pair not in known]:
        known.update(ask(missing))
    found = [known[pair] for pair in pairs]
    enough = round(TOGETHER * threshold, 8)
    return sum(found) >= enough * len(found) and sum(each >= enough for each in found) > AGREEING * len(found)


def _described(
    growing: Mapping[int, _Growing], home: Mapping[int, int], known: Mapping[Pair, float], threshold: float
) -> list[Cluster]:
    """Return each cluster with its weakest member's mean tie and its bridges, over the pairs that are known."""
    inside: dict[int, list[Pair]] = {}
    for i, j in known:
        if home[i] == home[j]:
            inside.setdefault(home[i], []).append((i, j))
    found = []
    for at, each in growing.items():
        if len(each.members) == 1:
            found.append(Cluster((at,), 1.0, ()))
            continue
        ties: dict[int, dict[int, float]] = {i: {} for i in sorted(each.members)}
        for i, j in sorted(inside.get(at, ())):  # in order, since the sums are of floats
            ties[i][j] = ties[j][i] = known[i, j]
        means = [sum(own.values()) / len(own) for own in ties.values() if own]
        strong = {i: sorted(j for j, p in own.items() if p >= threshold) for i, own in ties.items()}
        bridges = tuple(_cut_points(strong)) if len(ties) > 2 else ()
        found.append(Cluster(tuple(ties), round(min(means, default=1.0), 4), bridges))
    return sorted(found, key=lambda each: each.members[0])


def _cut_points(graph: Mapping[int, Sequence[int]]) -> list[int]:  # noqa: C901 - one textbook algorithm in one piece
    """Return, sorted, the vertices whose removal parts the graph (Tarjan 1972, without recursion)."""
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    found: set[int] = set()
    for root in sorted(graph):
        if root in order:
            continue
        order[root] = low[root] = len(order)
        stack, branches = [(root, -1, iter(graph[root]))], 0
        while stack:
            at, parent, rest = stack[-1]
            for neighbour in rest:
                if neighbour not in order:
                    order[neighbour] = low[neighbour] = len(order)
                    stack.append((neighbour, at, iter(graph[neighbour])))
                    break
                if neighbour != parent:
                    low[at] = min(low[at], order[neighbour])
            else:
                stack.pop()
                if stack:
                    above = stack[-1][0]
                    low[above] = min(low[above], low[at])
                    if above == root:
                        branches += 1
                    elif low[at] >= order[above]:
                        found.add(above)
        if branches > 1:
            found.add(root)
    return sorted(found)
