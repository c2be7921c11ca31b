"""Speed of newsdedup compared with alternatives: `python benchmarks/speed.py`, or `make bench`.

Every program runs as a whole process, from a file of articles to a file of clusters or stories, on the same corpus: all
of ../shared/bulk, with variants of some of its articles (`corpus.py --kind bulk`), so that recall can be measured;
`--bare` omits the variants. Runs alternate, so that other load on the machine affects all programs alike, and ratios
are computed within a round. `rivals_speed.py` describes each rival and its settings. A rival stops at clusters;
newsdedup also cleans, scores, merges and writes the canonical articles. Bulk has duplicates that nobody planted, so a
cluster of several bases may be right here (`scale.py` counts wrong merges).

The last lines compare tokenising, hashing and pairing alone with `re.findall` and a set of shingles for each article.
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import corpus
from measure import (
    MEMORY_NOTE,
    MIB,
    CommandError,
    Cost,
    PlantedFound,
    describe_machine,
    evaluate_clusters,
    format_range,
    format_table,
    read_clusters,
    read_stories,
    run_measured,
)
from planted import VARIANTS
from rivals_speed import RIVALS, WORKERS

OURS = "newsdedup"
HERE = Path(__file__).resolve().parent
REPETITIONS = 5
KERNEL_MEMORY = 1 << 30  # bytes that pairing may use
KERNEL_BATCH = 64  # articles of 4 kB at a time, so that the arrays stay in the CPU cache
KERNEL_ARTICLES = 4000  # articles for the kernel alone: many times the size of any cache


def write_corpus(folder: Path, *, without_variants: bool, size: int) -> tuple[Path, int]:
    """Write the corpus, its truth and its parts for datatrove; return its path and the number of articles."""
    path = folder / "corpus.jsonl"
    rows = corpus.make_rows("bulk", size)
    article_count = corpus.write_corpus(
        path, (row for row in rows if row.relation == "base") if without_variants else rows
    )
    parts = folder / "parts"
    parts.mkdir()
    for part in range(WORKERS):
        with path.open("rb") as lines, (parts / f"{part}.jsonl").open("wb") as part_file:
            part_file.writelines(islice(lines, part, None, WORKERS))
    return path, article_count


def build_command(name: str, path: Path, out_path: Path, python: str) -> list[str | Path]:
    """Return the command line of a program."""
    if name == OURS:
        return [python, "-m", "newsdedup", "ingest", path, "--format", "jsonl", "-o", out_path]
    return [python, HERE / "rivals_speed.py", name, path.parent / "parts" if name == "datatrove" else path, out_path]


def measure_programs(
    names: Sequence[str], path: Path, repetitions: int, pythons: dict[str, str]
) -> tuple[dict[str, list[Cost]], dict[str, PlantedFound]]:
    """Run every program `repetitions` times in turn; return the costs of each, and what its first run found."""
    costs: dict[str, list[Cost]] = {name: [] for name in names}
    results: dict[str, PlantedFound] = {}
    for round_ in range(repetitions):
        for name in names:
            out_path = path.parent / f"{name}.out"
            cost = run_measured(build_command(name, path, out_path, pythons[name]), path.parent / f"{name}.log")
            costs[name].append(cost)
            print(
                f"round {round_ + 1}: {name} {cost.wall:.1f} s, {cost.peak / MIB:,.0f} MiB", file=sys.stderr, flush=True
            )
            if name not in results:
                results[name] = evaluate_clusters(
                    (read_stories if name == OURS else read_clusters)(out_path), corpus.truth_path(path)
                )
    return costs, results


def run_python_kernel(texts: Sequence[str]) -> int:
    """Tokenise with `re.findall` and make a set of word 3-shingles of every text; return the total number."""
    word_pattern = re.compile(r"\w+")
    shingle_sets = []
    for text in texts:
        tokens = word_pattern.findall(text.lower())
        shingle_sets.append(set(zip(tokens, tokens[1:], tokens[2:], strict=False)))
    return sum(map(len, shingle_sets))


def run_own_kernel(texts: Sequence[str]) -> int:
    """Tokenise, hash, sample and pair the texts as stages 3 and 4 do; return the number of pairs.

    Lines are tokenised one by one, as reports are by sentence. This is the only benchmark code here that calls into the
    package: keep it in step with `fingerprint` and `candidates`.
    """
    from newsdedup.arrays import bounds_from_sizes, concat_rows  # noqa: PLC0415
    from newsdedup.candidates import find_candidates  # noqa: PLC0415
    from newsdedup.fingerprint import hash_shingles, sample_shingles  # noqa: PLC0415
    from newsdedup.hashing import tokenise  # noqa: PLC0415

    rows = []
    for start in range(0, len(texts), KERNEL_BATCH):
        lines = [text.split("\n") for text in texts[start : start + KERNEL_BATCH]]
        tokens = tokenise(list(chain.from_iterable(lines)))
        rows.append(
            sample_shingles(hash_shingles(tokens.hashes, tokens.bounds[bounds_from_sizes(list(map(len, lines)))]))[0]
        )
    shingles = concat_rows(rows, np.uint64)
    with TemporaryDirectory(prefix="newsdedup-bench-") as folder:
        return len(find_candidates([(np.arange(len(shingles)), shingles)], len(shingles), KERNEL_MEMORY, Path(folder)))


def compare_kernels(path: Path, repetitions: int) -> list[str]:
    """Return lines that compare the kernel with plain Python, on the same articles in the same process."""
    texts = [str(row["text"]) for row in islice(corpus.read_bulk(), KERNEL_ARTICLES)] if path.exists() else []
    size = sum(len(text.encode()) for text in texts) / 1e6
    times: dict[str, list[float]] = {"ours": [], "python": []}
    for _ in range(repetitions):
        for name, call in (("ours", run_own_kernel), ("python", run_python_kernel)):
            start = time.perf_counter()
            call(texts)
            times[name].append(time.perf_counter() - start)
    ratio = statistics.median(b / a for a, b in zip(times["ours"], times["python"], strict=True))
    rates = {
        name: f"{format_range(seconds, '.2f')} s, {size / statistics.median(seconds):.1f} MB/s"
        for name, seconds in times.items()
    }
    return [
        f"Kernel alone, {len(texts):,} articles, {size:.0f} MB, one process:",
        f"- tokenise, hash, sample and pair: {rates['ours']}",
        f"- re.findall + a set of 3-shingles, without pairing: {rates['python']}",
        f"- ours is {ratio:.1f} times as fast",
    ]


def format_report(costs: dict[str, list[Cost]], results: dict[str, PlantedFound], articles: int, size: float) -> str:
    """Return the tables: the costs of each program, and what it found."""
    head = ["", "wall s", "CPU s", "peak MiB", "articles/s", "MB/s", "ours is faster by"]
    rows = []
    for name, program_costs in costs.items():
        wall = [result.wall for result in program_costs]
        peaks = [result.peak / MIB for result in program_costs]
        ratio = [b.wall / a.wall for a, b in zip(costs[OURS], program_costs, strict=True)] if OURS in costs else []
        rows.append([
            name, format_range(wall), format_range([result.cpu for result in program_costs]),
            f"{format_range(peaks, '.0f')} [{max(result.anonymous for result in program_costs) / MIB:.0f}]",
            f"{articles / statistics.median(wall):,.0f}", f"{size / statistics.median(wall):.1f}",
            format_range(ratio, ".2f") if ratio else "-",
        ])  # fmt: skip
    planted = [*VARIANTS, "all"]
    result_rows = []
    for name, result in results.items():
        shares = [f"{result.recall(relation):.3f}" if result.planted[relation] else "-" for relation in VARIANTS]
        total = f"{sum(result.found.values()):,} of {sum(result.planted.values()):,}"
        result_rows.append([name, *shares, total, f"{result.mixed:,}", f"{result.wrong:,}"])
    found_head = ["found of the planted", *planted, "clusters of several bases", "pairs in them"]
    return f"{format_table(head, rows)}\n\n{format_table(found_head, result_rows)}"


def find_installed_version(name: str, python: str) -> str | None:
    """Return the version of a package in this Python, None if it is not installed; unknown for another Python."""
    if python != sys.executable:
        return "as installed there"
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure newsdedup beside rensa, datasketch and datatrove.")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument("--only", nargs="*", choices=(OURS, *RIVALS), default=(OURS, *RIVALS))
    parser.add_argument("--size", type=int, default=sys.maxsize, help="maximum number of articles")
    parser.add_argument("--bare", action="store_true", help="bulk alone, without variants")
    parser.add_argument("--rivals-python", default=sys.executable, help="a Python with the rivals installed")
    parser.add_argument("--no-kernel", action="store_true", help="measure whole processes only")
    options = parser.parse_args()
    if not corpus.BULK.is_file():
        sys.exit(f"{corpus.BULK} not found: the articles for this benchmark are not part of the project")
    pythons = {name: sys.executable if name == OURS else options.rivals_python for name in options.only}
    versions = {name: find_installed_version(name, pythons[name]) for name in options.only}
    if missing := [name for name, results in versions.items() if results is None]:
        sys.exit(f"{', '.join(missing)} not installed; run: pip install '.[bench]'")
    with TemporaryDirectory(prefix="newsdedup-bench-") as folder:
        path, articles = write_corpus(Path(folder), without_variants=options.bare, size=options.size)
        size = path.stat().st_size / 1e6
        print("command: python " + " ".join(sys.argv))
        print(f"machine: {describe_machine()}")
        print("versions: " + ", ".join(f"{name} {results}" for name, results in versions.items()))
        planted = "nothing planted" if options.bare else "variants planted"
        print(f"corpus: {articles:,} articles, {size:.1f} MB of JSON Lines ({planted}, seed 0)")
        print(f"memory: {MEMORY_NOTE}")
        print(f"medians of {options.repetitions} (least-most), runs alternating\n", flush=True)
        try:
            costs, results = measure_programs(options.only, path, options.repetitions, pythons)
        except CommandError as error:
            sys.exit(str(error))
        print(format_report(costs, results, articles, size))
        if not options.no_kernel:
            print("\n" + "\n".join(compare_kernels(path, options.repetitions)))


if __name__ == "__main__":
    main()
