"""Pinned floors: figures on the labelled pairs below which a change of the code fails the build.

A floor is the value measured when it was pinned. A figure may fall short of it by a noise allowance, so that one or two
pairs do not stop a build but a real loss does. The allowance is counted from the pinned value, so small losses do not
add up. `--update` only raises floors; lower one by hand, with the reason in the commit. Floors are valid only for the
exact bytes of the corpus on which they were pinned.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

FLOORS = Path(__file__).parent / "floors.json"

# How far a figure may fall short, by corpus. On gold, .01 of F1 is worth three pairs of 811, and counts may be two
# pairs off. Our own pairs were written to be separable: one wrong merge is noise, many lost duplicates are not.
ALLOWANCES: Mapping[str, Mapping[str, float]] = {
    "gold": {
        "f1": 0.01,
        "wrong": 2,
        "rewrites": 2,
        "relation": 0.02,
        "bcubed": 0.003,
        "recall": 0.004,
        "recall_rewrites": 0.015,
        "boilerplate": 0.005,
        "repeated": 0.01,
        "unlisted": 0.006,
        "base_right": 1,
    },
    "own": {"f1": 0.02, "wrong": 1, "rewrites": 1, "relation": 0.03, "recall": 0.0, "recall_rewrites": 0.0},
    "wire": {"f1": 0.02, "wrong": 1, "rewrites": 2, "relation": 0.03, "recall": 0.0, "recall_rewrites": 0.0},
}
FEWER_IS_BETTER = frozenset({"wrong", "boilerplate", "repeated", "unlisted"})

MeasuredFigures = Mapping[str, Mapping[str, float]]
"""Part of the benchmark (`shipped`, `cross_validated`, `candidates`) -> figure -> value."""


@dataclass(frozen=True)
class PinnedFloors:
    """The floors of one corpus and the SHA-256 of each of its files, by name."""

    sha256: Mapping[str, str]
    floors: MeasuredFigures


@dataclass(frozen=True)
class FloorCheck:
    """A figure compared with its floor; `floor` is None if none is pinned."""

    part: str
    figure: str
    reached: float
    floor: float | None
    allowance: float

    @property
    def limit(self) -> float | None:
        """Return the worst value that passes: the floor with the allowance."""
        if self.floor is None:
            return None
        sign = 1 if self.figure in FEWER_IS_BETTER else -1
        return round(self.floor + sign * self.allowance, 4)

    @property
    def is_held(self) -> bool:
        """Return whether the figure is no worse than its limit; False without a floor."""
        if self.limit is None:
            return False
        return self.reached <= self.limit if self.figure in FEWER_IS_BETTER else self.reached >= self.limit

    def __str__(self) -> str:
        name = f"{self.part} {self.figure}"
        if self.limit is None:
            return f"{name:27} {self.reached:<7g} FAILED: no floor is pinned; pin it with --update"
        bound = "at most" if self.figure in FEWER_IS_BETTER else "at least"
        status = "ok" if self.is_held else "FAILED"
        return f"{name:27} {self.reached:<7g} pinned {self.floor:<7g} {bound} {self.limit:<7g} {status}"


class FloorError(Exception):
    """The corpus is not that of the floors, or a floor would have to be lowered; the message says what to do."""


def read_floors(path: Path = FLOORS) -> dict[str, PinnedFloors]:
    """Read the floors by corpus; none if the file does not exist."""
    if not path.exists():
        return {}
    document = json.loads(path.read_text(encoding="utf-8"))
    return {name: PinnedFloors(entry["sha256"], entry["floors"]) for name, entry in document.items()}


def write_floors(pinned: Mapping[str, PinnedFloors], path: Path = FLOORS) -> None:
    """Write the floors, sorted by corpus and figure."""
    document = {name: {"sha256": floors.sha256, "floors": floors.floors} for name, floors in pinned.items()}
    path.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def hash_files(files: Iterable[Path]) -> dict[str, str]:
    """Return the SHA-256 of each file by name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def check_corpus(name: str, pinned: PinnedFloors | None, file_hashes: Mapping[str, str]) -> None:
    """Raise FloorError if the corpus differs from the one on which the floors were pinned."""
    if pinned is None or pinned.sha256 == file_hashes:
        return
    names = sorted(set(file_hashes) | set(pinned.sha256))
    changed = ", ".join(file_name for file_name in names if file_hashes.get(file_name) != pinned.sha256.get(file_name))
    raise FloorError(
        f"corpus {name}: {changed} changed since its floors were pinned, so they do not apply to it; restore the "
        f"files, or remove {name} from {FLOORS.name}, run with --update, and give the reason in the commit"
    )


def check_floors(name: str, pinned: PinnedFloors | None, measured: MeasuredFigures) -> list[FloorCheck]:
    """Compare every figure measured on corpus `name` with its floor; floors of parts that were not run are skipped."""
    floors: MeasuredFigures = pinned.floors if pinned else {}
    return [
        FloorCheck(part, figure, round(value, 4), floors.get(part, {}).get(figure), ALLOWANCES[name][figure])
        for part, figures in measured.items()
        for figure, value in figures.items()
    ]


def raise_floors(
    name: str, pinned: PinnedFloors | None, file_hashes: Mapping[str, str], measured: MeasuredFigures
) -> PinnedFloors:
    """Return the floors, raised to every figure that improved; the others stay.

    Raises FloorError if a figure is worse than its limit: floors are never lowered here.
    """
    checks = check_floors(name, pinned, measured)
    broken_checks = [check for check in checks if check.floor is not None and not check.is_held]
    if broken_checks:
        lost = ", ".join(
            f"{check.part} {check.figure} {check.reached:g} (floor {check.floor:g})" for check in broken_checks
        )
        raise FloorError(
            f"not updated: {lost}; --update lowers no floor: fix the loss, or edit {FLOORS.name} by hand and give the "
            "reason in the commit"
        )
    floors = {part: dict(figures) for part, figures in (pinned.floors if pinned else {}).items()}
    for check in checks:
        best = min if check.figure in FEWER_IS_BETTER else max
        value = check.reached if check.floor is None else best(check.reached, check.floor)
        floors.setdefault(check.part, {})[check.figure] = value
    return PinnedFloors(file_hashes, floors)
