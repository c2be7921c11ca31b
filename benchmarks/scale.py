"""How time, memory and recall grow with the size of the corpus: `python benchmarks/scale.py [SIZE ...]`.

Runs `newsdedup ingest CORPUS --format jsonl -o OUT` as a whole process with default settings on news corpora of each
size (`corpus.py`), then on skewed ones, and counts the planted variants that it found. Corpora are made once and kept
in `--corpora DIR`; a million articles take 2.4 GB and some minutes.

Wrong stories have articles of several planted stories. The sources are real news from which only near-copies were
removed, so rewrites of one report among them count as wrong here.
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
from measure import (
    MEMORY_NOTE,
    MIB,
    CommandError,
    Cost,
    PlantedFound,
    describe_machine,
    evaluate_clusters,
    format_table,
    read_stories,
    run_measured,
)
from planted import VARIANTS

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
SKEWED = {"templates": 10_000, "story": 10_000, "long": 2_000, "word": 2_000, "empty": 100_000}
"""Skewed kind of corpus -> its size."""
NOT_EVALUATED = {"empty"}  # empty articles have no true stories


@dataclass(frozen=True, slots=True)
class Run:
    """One measured run on a corpus."""

    kind: str
    articles: int
    size: int
    cost: Cost
    planted_found: PlantedFound | None


def make_corpus(folder: Path, kind: str, size: int, seed: int) -> Path:
    """Return the path of a corpus, made now unless it exists; written to a draft first, so never incomplete."""
    path = folder / f"{kind}-{size}-{seed}.jsonl"
    if not path.exists():
        start = time.perf_counter()
        draft = folder / f"draft-{path.name}"
        corpus.write_corpus(draft, corpus.make_rows(kind, size, seed))
        corpus.truth_path(draft).replace(corpus.truth_path(path))
        draft.replace(path)
        print(f"{path.name}: made in {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    return path


def measure_run(path: Path, kind: str, work: Path, options: Sequence[str]) -> Run:
    """Run newsdedup on a corpus."""
    out_path = work / "stories.jsonl"
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "newsdedup",
        "ingest",
        path,
        "--format",
        "jsonl",
        "-o",
        out_path,
        *options,
    ]
    cost = run_measured(command, work / "log")
    truth = corpus.truth_path(path)
    with truth.open("rb") as lines:
        articles = sum(1 for _ in lines)
    planted_found = None if kind in NOT_EVALUATED else evaluate_clusters(read_stories(out_path), truth)
    print(f"{path.name}: {cost.wall:.1f} s, {cost.peak / MIB:,.0f} MiB", file=sys.stderr, flush=True)
    out_path.unlink()
    return Run(kind, articles, path.stat().st_size, cost, planted_found)


def format_row(run_: Run) -> list[str]:
    """Return the table row of a run."""
    cost, planted_found = run_.cost, run_.planted_found
    shares = ["-"] * (len(VARIANTS) + 2)
    if planted_found is not None:
        shares = [
            f"{planted_found.recall(relation):.4f}" if planted_found.planted[relation] else "-" for relation in VARIANTS
        ]
        shares += [f"{planted_found.mixed:,}", f"{planted_found.wrong:,}"]
    return [
        run_.kind,
        f"{run_.articles:,}",
        f"{run_.size / 1e6:,.0f}",
        f"{cost.wall:,.1f}",
        f"{cost.cpu:,.1f}",
        f"{cost.peak / MIB:,.0f} [{cost.anonymous / MIB:,.0f}]",
        f"{run_.articles / cost.wall:,.0f}",
        f"{run_.size / 1e6 / cost.wall:.1f}",
        *shares,
    ]


HEAD = [
    "corpus", "articles", "MB", "wall s", "CPU s", "peak MiB", "articles/s", "MB/s", *VARIANTS, "wrong stories",
    "wrong pairs",
]  # fmt: skip


def compute_exponent(smaller: Run, larger: Run, measure: str) -> float:
    """Return the exponent with which `wall`, `cpu` or `peak` grows with the number of articles between two runs."""
    ratio = float(getattr(larger.cost, measure)) / float(getattr(smaller.cost, measure))
    return math.log(ratio) / math.log(larger.articles / smaller.articles)


def format_growth(runs: Sequence[Run]) -> str:
    """Return the table of growth exponents between neighbouring sizes, and from each to the largest."""
    steps = [*pairwise(runs), *((run, runs[-1]) for run in runs[:-2])]
    return format_table(
        ["from", "to", "wall", "CPU", "peak memory"],
        [
            [
                f"{a.articles:,}",
                f"{b.articles:,}",
                *(f"{compute_exponent(a, b, measure):.2f}" for measure in ("wall", "cpu", "peak")),
            ]
            for a, b in steps
        ],
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure how newsdedup grows with the number of articles.")
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="numbers of articles")
    parser.add_argument("--corpora", type=Path, help="folder in which corpora are kept (default: they are deleted)")
    parser.add_argument("--skewed", nargs="*", choices=SKEWED, default=tuple(SKEWED), help="skewed corpora to run")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--options", default="", help="options for ingest, such as '--workers 1'")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    if not corpus.BULK.is_file():
        sys.exit(f"{corpus.BULK} not found: the articles for this benchmark are not part of the project")
    print("command: python " + " ".join(sys.argv))
    print(f"machine: {describe_machine()}")
    print(f"memory: {MEMORY_NOTE}\n", flush=True)
    with TemporaryDirectory(prefix="newsdedup-scale-") as folder:
        work, corpora = Path(folder), options.corpora or Path(folder)
        corpora.mkdir(parents=True, exist_ok=True)
        runs: list[Run] = []
        for kind, size in [
            *(("news", size) for size in sorted(options.sizes)),
            *((k, SKEWED[k]) for k in options.skewed),
        ]:
            path = make_corpus(corpora, kind, size, options.seed)
            try:
                runs.append(measure_run(path, kind, work, options.options.split()))
            except CommandError as error:
                print(error, flush=True)
            if options.corpora is None:
                path.unlink()
        print(format_table(HEAD, map(format_row, runs)))
        news = [run_ for run_ in runs if run_.kind == "news"]
        if len(news) > 1:
            print(f"\nGrowth exponents by number of articles:\n\n{format_growth(news)}")
        if options.json:
            options.json.write_text(json.dumps([_to_json(run_) for run_ in runs], indent=1) + "\n", encoding="utf-8")


def _to_json(run_: Run) -> dict[str, object]:
    planted_found = run_.planted_found
    return {
        "kind": run_.kind,
        "articles": run_.articles,
        "bytes": run_.size,
        "wall_s": run_.cost.wall,
        "cpu_s": run_.cost.cpu,
        "peak_bytes": run_.cost.peak,
        "own_bytes": run_.cost.anonymous,
        "recall": {name: planted_found.recall(name) for name in VARIANTS if planted_found.planted[name]}
        if planted_found
        else None,
        "wrong_stories": planted_found.mixed if planted_found else None,
        "wrong_pairs": planted_found.wrong if planted_found else None,
    }


if __name__ == "__main__":
    main()
