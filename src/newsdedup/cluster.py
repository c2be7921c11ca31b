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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from newsdedup.config import AGREEING, SPOKESMEN, TOGETHER

Pair = tuple[int, int]
Ask = Callable[[Sequence[Pair]], Mapping[Pair, float]]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A story's members in content order, the weakest of their mean ties, and the members it would part without."""

    members: tuple[int, ...]
    weakest: float
    bridges: tuple[int, ...]


def cluster(count: int, scored: Mapping[Pair, float], threshold: float, ask: Ask) -> list[Cluster]:
    """Return the stories of `count` reports, each report in exactly one, sorted by first member.

    `scored` holds the probability of pairs (i, j), i < j; `ask` returns that of further pairs. Reports must be numbered
    by content, so that ties (broken by the smaller numbers) do not depend on the order of input.
    """
    known = dict(scored)
    home = list(range(count))
    members: dict[int, list[int]] = {i: [i] for i in range(count)}
    for i, j in _strongest_first(scored, threshold):
        one, other = home[i], home[j]
        if one != other and _hold_together(members[one], members[other], known, threshold, ask):
            if len(members[one]) < len(members[other]):
                one, other = other, one
            for member in members[other]:
                home[member] = one
            members[one] = list(heapq.merge(members[one], members.pop(other)))
    return [_describe(tuple(found), known, threshold) for found in sorted(members.values(), key=lambda found: found[0])]


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
    """Tell whether two clusters tell one report as wholes; remembers what it asked in `known`."""
    pairs = [(min(i, j), max(i, j)) for i in one[:SPOKESMEN] for j in other[:SPOKESMEN]]
    if missing := [pair for pair in pairs if pair not in known]:
        known.update(ask(missing))
    found = [known[pair] for pair in pairs]
    enough = round(TOGETHER * threshold, 8)
    return sum(found) >= enough * len(found) and sum(each >= enough for each in found) > AGREEING * len(found)


def _describe(found: tuple[int, ...], known: Mapping[Pair, float], threshold: float) -> Cluster:
    """Return the cluster with its weakest member's mean tie and its bridges, over the pairs that are known."""
    if len(found) == 1:
        return Cluster(found, 1.0, ())
    ties: dict[int, dict[int, float]] = {i: {} for i in found}
    inside = set(found)
    if len(found) <= 200:
        pairs = [(i, j) for n, i in enumerate(found) for j in found[n + 1 :] if (i, j) in known]
    else:
        pairs = [pair for pair in known if pair[0] in inside and pair[1] in inside]
    for i, j in pairs:
        ties[i][j] = ties[j][i] = known[i, j]
    means = [sum(each.values()) / len(each) for each in ties.values() if each]
    strong = {i: sorted(j for j, p in each.items() if p >= threshold) for i, each in ties.items()}
    return Cluster(found, round(min(means, default=0.0), 4), tuple(_cut_points(strong)) if len(found) > 2 else ())


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
