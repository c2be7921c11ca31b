"""Pinned floors: what a change of the code must not lose on the labelled pairs.

A floor is what was reached when it was pinned. A figure may fall short of it by the noise allowance, so that a change
of one or two pairs does not stop a build and a real loss does; it is measured from the pinned value, so that small
losses do not add up. Floors go up by `--update` and down by hand only, with the reason in the commit. They hold for
the very bytes of the corpus they were pinned on.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

FLOORS = Path(__file__).parent / "floors.json"

# How far a figure may fall short, by corpus. On gold .01 of F1 is what three pairs of 811 are worth, and counts may be
# two pairs off. Our own pairs were written to be told apart: one wrong merge is noise, many lost duplicates are not.
ALLOWANCES: Mapping[str, Mapping[str, float]] = {
    "gold": {
        "f1": 0.01,
        "wrong": 2,
        "rewrites": 2,
        "relation": 0.02,
        "bcubed": 0.003,
        "recall": 0.004,
        "recall_rewrites": 0.015,
    },
    "own": {"f1": 0.02, "wrong": 1, "rewrites": 1, "relation": 0.03, "recall": 0.0, "recall_rewrites": 0.0},
    "wire": {"f1": 0.02, "wrong": 1, "rewrites": 2, "relation": 0.03, "recall": 0.0, "recall_rewrites": 0.0},
}
FEWER_IS_BETTER = frozenset({"wrong"})

Reached = Mapping[str, Mapping[str, float]]
"""Part of a benchmark (`shipped`, `cross_validated`, `candidates`) -> figure -> value."""


@dataclass(frozen=True)
class Pinned:
    """The floors of one corpus and the SHA-256 of each of its files, by name."""

    sha256: Mapping[str, str]
    floors: Reached


@dataclass(frozen=True)
class Verdict:
    """How one figure stands to its floor; `floor` is None where none is pinned."""

    part: str
    figure: str
    reached: float
    floor: float | None
    allowance: float

    @property
    def limit(self) -> float | None:
        """Return the worst value that still holds: the floor with the allowance."""
        if self.floor is None:
            return None
        sign = 1 if self.figure in FEWER_IS_BETTER else -1
        return round(self.floor + sign * self.allowance, 4)

    @property
    def holds(self) -> bool:
        """Tell whether the figure is no worse than its limit; without a floor nothing holds."""
        if self.limit is None:
            return False
        return self.reached <= self.limit if self.figure in FEWER_IS_BETTER else self.reached >= self.limit

    def __str__(self) -> str:
        name = f"{self.part} {self.figure}"
        if self.limit is None:
            return f"{name:27} {self.reached:<7g} FAILED: no floor is pinned; pin it with --update"
        bound = "at most" if self.figure in FEWER_IS_BETTER else "at least"
        verdict = "ok" if self.holds else "FAILED"
        return f"{name:27} {self.reached:<7g} pinned {self.floor:<7g} {bound} {self.limit:<7g} {verdict}"


class FloorError(Exception):
    """The floors do not fit the corpus, or would have to be lowered; the message says what to do."""


def read_floors(path: Path = FLOORS) -> dict[str, Pinned]:
    """Read the floors, by corpus; a file that is not there pins nothing."""
    if not path.exists():
        return {}
    document = json.loads(path.read_text(encoding="utf-8"))
    return {name: Pinned(each["sha256"], each["floors"]) for name, each in document.items()}


def write_floors(pinned: Mapping[str, Pinned], path: Path = FLOORS) -> None:
    """Write the floors, corpora and figures in order of name."""
    document = {name: {"sha256": each.sha256, "floors": each.floors} for name, each in pinned.items()}
    path.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def hashes(files: Iterable[Path]) -> dict[str, str]:
    """Return the SHA-256 of each file, by name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def check_corpus(name: str, pinned: Pinned | None, found: Mapping[str, str]) -> None:
    """Raise FloorError where the corpus is not the one that the floors were pinned on."""
    if pinned is None or pinned.sha256 == found:
        return
    names = sorted(set(found) | set(pinned.sha256))
    changed = ", ".join(each for each in names if found.get(each) != pinned.sha256.get(each))
    raise FloorError(
        f"corpus {name}: {changed} changed since its floors were pinned, so they say nothing about it; restore the "
        f"files, or take {name} out of {FLOORS.name}, run with --update, and give the reason in the commit"
    )


def judge(name: str, pinned: Pinned | None, reached: Reached) -> list[Verdict]:
    """Return a verdict on every figure measured on corpus `name`; floors of parts that were not run are not asked."""
    floors: Reached = pinned.floors if pinned else {}
    return [
        Verdict(part, figure, round(value, 4), floors.get(part, {}).get(figure), ALLOWANCES[name][figure])
        for part, figures in reached.items()
        for figure, value in figures.items()
    ]


def raised(name: str, pinned: Pinned | None, found: Mapping[str, str], reached: Reached) -> Pinned:
    """Return the floors with every figure that got better pinned anew; what got worse within its allowance stays.

    Raises FloorError where a figure is worse than its limit: a floor is not lowered here.
    """
    verdicts = judge(name, pinned, reached)
    broken = [each for each in verdicts if each.floor is not None and not each.holds]
    if broken:
        lost = ", ".join(f"{each.part} {each.figure} {each.reached:g} (floor {each.floor:g})" for each in broken)
        raise FloorError(
            f"not updated: {lost}; --update lowers no floor: mend the loss, or edit {FLOORS.name} by hand and give the "
            "reason in the commit"
        )
    floors = {part: dict(figures) for part, figures in (pinned.floors if pinned else {}).items()}
    for each in verdicts:
        best = min if each.figure in FEWER_IS_BETTER else max
        value = each.reached if each.floor is None else best(each.reached, each.floor)
        floors.setdefault(each.part, {})[each.figure] = value
    return Pinned(found, floors)
