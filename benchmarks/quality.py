"""The quality gate: stories against labelled pairs, end to end, with pinned floors.

usage: python benchmarks/quality.py [--stories FOLDER]

Runs `newsdedup ingest` as users do and counts the labelled pairs that ended in one story. Uses ../shared/gold where it
is there (labels by a language model, see its README), and always the labelled sets in tests/data, which are ours.
The shipped model was trained on the pairs of ../shared/gold, so its figure is in sample: a guard against breaking
something, not a measure of how good the model is. `benchmarks/train.py` prints cross-validated figures.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from newsdedup.cli import main as newsdedup

ROOT = Path(__file__).parent.parent
GOLD = ROOT.parent / "shared" / "gold"
OWN = ROOT / "tests" / "data"


@dataclass(frozen=True)
class Gate:
    """A labelled corpus and what must hold on it: F1 at least, wrong merges at most."""

    name: str
    articles: tuple[Path, ...]
    pairs: Path
    min_f1: float
    max_wrong: int


# Floors: what was reached when they were set, less .01 of F1 and plus two wrong merges, so that a change of one or two
# pairs does not stop a build and a real loss does. Lower one only with the reason in the commit.
GATES = (
    Gate(
        "gold", tuple(GOLD / f"{name}.jsonl" for name in ("web2025", "wire1987", "usnews", "bbc2004")),
        GOLD / "pairs.jsonl", min_f1=0.89, max_wrong=18,
    ),
    Gate("own", (OWN / "labelled.jsonl",), OWN / "labelled_pairs.jsonl", min_f1=0.78, max_wrong=1),
    Gate("wire", (OWN / "wire.jsonl",), OWN / "wire_pairs.jsonl", min_f1=0.76, max_wrong=1),
)  # fmt: skip


def stories_of(articles: tuple[Path, ...], folder: Path) -> dict[str, int]:
    """Ingest each file by itself, as the labels were made; return each article's story number."""
    where: dict[str, int] = {}
    count = 0
    for path in articles:
        out = folder / f"{path.stem}.stories.jsonl"
        start = time.perf_counter()
        code = newsdedup(["ingest", str(path), "--format", "jsonl", "-o", str(out), "-q"])
        if code:
            sys.exit(f"newsdedup ingest {path.name} ended with {code}")
        print(f"  {path.name}: {time.perf_counter() - start:.1f} s")
        for line in out.open(encoding="utf-8"):
            for variant in json.loads(line)["variants"]:
                where[variant["article_id"]] = count
            count += 1
    return where


def check(gate: Gate, folder: Path) -> bool:
    """Print a gate's figures; return whether it holds."""
    print(f"{gate.name}:")
    where = stories_of(gate.articles, folder)
    merged: Counter[str] = Counter()
    total: Counter[str] = Counter()
    hit = wrong = missed = 0
    for pair in map(json.loads, gate.pairs.open(encoding="utf-8")):
        called = where[pair["a"]] == where[pair["b"]]
        kind = ("" if pair["duplicate"] else "not: ") + pair["relation"]
        total[kind] += 1
        merged[kind] += called
        hit += called and pair["duplicate"]
        wrong += called and not pair["duplicate"]
        missed += pair["duplicate"] and not called
    f1 = 2 * hit / max(1, 2 * hit + wrong + missed)
    for kind in sorted(total):
        print(f"  {kind:28} merged {merged[kind]:3} of {total[kind]:3}")
    holds = f1 >= gate.min_f1 and wrong <= gate.max_wrong
    verdict = "ok" if holds else "FAILED"
    print(f"  F1 {f1:.3f} (floor {gate.min_f1}), wrong merges {wrong} (ceiling {gate.max_wrong}): {verdict}")
    return holds


def main() -> None:
    """Check every gate whose corpus is there; exit 1 if one fails."""
    options = argparse.ArgumentParser()
    options.add_argument("--stories", type=Path, help="keep the stories in this folder")
    keep: Path | None = options.parse_args().stories
    print(f"python {platform.python_version()}, {platform.system()} {platform.machine()}")
    held = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or Path(temporary)
        for gate in GATES:
            if gate.pairs.exists():
                held.append(check(gate, folder))
            else:
                print(f"{gate.name}: left out, its labelled pairs are not beside this checkout")
    if not all(held):
        sys.exit(1)


if __name__ == "__main__":
    main()
