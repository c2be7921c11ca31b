"""How time, memory and what is found grow with the corpus: `python benchmarks/scale.py [SIZE ...]`.

Runs `newsdedup ingest CORPUS --format jsonl -o OUT` as a whole process at its default settings on news corpora of each
size (`corpus.py`), then on the skewed ones, and counts what it found of the variants that were planted. Corpora are
made once and kept in `--corpora DIR`; a million articles take 2.4 GB there and some minutes.

Wrong merges are stories that hold articles of several planted or lone ones. The sources are real news, from which only
near-copies were taken out: reports that tell the same in other words are still among them, and count as wrong here.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import corpus
from measure import MEMORY, MIB, CommandError, Cost, Found, judge, machine, run, stories_of, table
from planted import VARIANTS

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
SKEWED = {"templates": 10_000, "story": 10_000, "long": 2_000, "word": 2_000, "empty": 100_000}
"""Each skewed kind of corpus and its size: of templates, with the one story, beside the one article, of empty ones."""
UNJUDGED = {"empty"}  # where nothing is said there is no saying which are one report


@dataclass(frozen=True, slots=True)
class Run:
    """One measured run over a corpus."""

    kind: str
    articles: int
    size: int
    cost: Cost
    found: Found | None


def made(folder: Path, kind: str, size: int, seed: int) -> Path:
    """Return the corpus, made now unless it is there; a half-made one is never taken for whole."""
    path = folder / f"{kind}-{size}-{seed}.jsonl"
    if not path.exists():
        began = time.perf_counter()
        draft = folder / f"draft-{path.name}"
        corpus.write(draft, corpus.rows(kind, size, seed))
        corpus.truth_of(draft).replace(corpus.truth_of(path))
        draft.replace(path)
        print(f"{path.name}: made in {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    return path


def measured(path: Path, kind: str, work: Path, options: Sequence[str]) -> Run:
    """Run newsdedup on a corpus."""
    out = work / "stories.jsonl"
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "newsdedup",
        "ingest",
        path,
        "--format",
        "jsonl",
        "-o",
        out,
        *options,
    ]
    cost = run(command, work / "log")
    truth = corpus.truth_of(path)
    with truth.open("rb") as lines:
        articles = sum(1 for _ in lines)
    found = None if kind in UNJUDGED else judge(stories_of(out), truth)
    print(f"{path.name}: {cost.wall:.1f} s, {cost.peak / MIB:,.0f} MiB", file=sys.stderr, flush=True)
    out.unlink()
    return Run(kind, articles, path.stat().st_size, cost, found)


def row(run_: Run) -> list[str]:
    """Return the line of the table for a run."""
    cost, found = run_.cost, run_.found
    shares = ["-"] * (len(VARIANTS) + 2)
    if found is not None:
        shares = [f"{found.recall(relation):.4f}" if found.planted[relation] else "-" for relation in VARIANTS]
        shares += [f"{found.mixed:,}", f"{found.wrong:,}"]
    return [
        run_.kind,
        f"{run_.articles:,}",
        f"{run_.size / 1e6:,.0f}",
        f"{cost.wall:,.1f}",
        f"{cost.cpu:,.1f}",
        f"{cost.peak / MIB:,.0f} [{cost.own / MIB:,.0f}]",
        f"{run_.articles / cost.wall:,.0f}",
        f"{run_.size / 1e6 / cost.wall:.1f}",
        *shares,
    ]


HEAD = [
    "corpus", "articles", "MB", "wall s", "CPU s", "peak MiB", "articles/s", "MB/s", *VARIANTS, "wrong stories",
    "wrong pairs",
]  # fmt: skip


def exponent(smaller: Run, larger: Run, what: str) -> float:
    """Return by which power of the number of articles `wall`, `cpu` or `peak` grows from one run to the other."""
    ratio = float(getattr(larger.cost, what)) / float(getattr(smaller.cost, what))
    return math.log(ratio) / math.log(larger.articles / smaller.articles)


def growth(runs: Sequence[Run]) -> str:
    """Return the table of growth exponents between neighbouring sizes, and from each to the largest."""
    steps = [*pairwise(runs), *((each, runs[-1]) for each in runs[:-2])]
    return table(
        ["from", "to", "wall", "CPU", "peak memory"],
        [
            [f"{a.articles:,}", f"{b.articles:,}", *(f"{exponent(a, b, what):.2f}" for what in ("wall", "cpu", "peak"))]
            for a, b in steps
        ],
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure how newsdedup grows with the number of articles.")
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="numbers of articles")
    parser.add_argument("--corpora", type=Path, help="where corpora are kept (default: nowhere)")
    parser.add_argument("--skewed", nargs="*", choices=SKEWED, default=tuple(SKEWED), help="skewed corpora to run")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--options", default="", help="options for ingest, as in '--workers 1'")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    given = parser.parse_args()
    if not corpus.BULK.is_file():
        sys.exit(f"{corpus.BULK} is not there: the articles to measure on are not part of the project")
    print("command: python " + " ".join(sys.argv))
    print(f"machine: {machine()}")
    print(f"memory: {MEMORY}\n", flush=True)
    with TemporaryDirectory(prefix="newsdedup-scale-") as folder:
        work, corpora = Path(folder), given.corpora or Path(folder)
        corpora.mkdir(parents=True, exist_ok=True)
        runs: list[Run] = []
        for kind, size in [*(("news", size) for size in sorted(given.sizes)), *((k, SKEWED[k]) for k in given.skewed)]:
            path = made(corpora, kind, size, given.seed)
            try:
                runs.append(measured(path, kind, work, given.options.split()))
            except CommandError as error:
                print(error, flush=True)
            if given.corpora is None:
                path.unlink()
        print(table(HEAD, map(row, runs)))
        news = [each for each in runs if each.kind == "news"]
        if len(news) > 1:
            print(f"\nGrowth, as the power of the number of articles:\n\n{growth(news)}")
        if given.json:
            given.json.write_text(json.dumps([_plain(each) for each in runs], indent=1) + "\n", encoding="utf-8")


def _plain(run_: Run) -> dict[str, object]:
    found = run_.found
    return {
        "kind": run_.kind,
        "articles": run_.articles,
        "bytes": run_.size,
        "wall_s": run_.cost.wall,
        "cpu_s": run_.cost.cpu,
        "peak_bytes": run_.cost.peak,
        "own_bytes": run_.cost.own,
        "recall": {each: found.recall(each) for each in VARIANTS if found.planted[each]} if found else None,
        "wrong_stories": found.mixed if found else None,
        "wrong_pairs": found.wrong if found else None,
    }


if __name__ == "__main__":
    main()
