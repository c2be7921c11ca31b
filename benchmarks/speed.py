"""How fast, beside what one could use instead: `python benchmarks/speed.py`, or `make bench`.

Every program runs as a whole process, from a file of articles to a file of clusters or stories, on the same corpus: all
of ../shared/bulk as it is, with variants of some of its articles (`corpus.py --kind bulk`), so that what each found can
be counted; `--bare` leaves the variants out. Runs alternate, so that what else the machine does hits all alike, and
ratios are taken within a round. What each rival is, and its settings, stands in `rivals_speed.py`. A rival stops at
clusters; newsdedup also cleans, scores, merges and writes the canonical articles. Bulk holds duplicates that nobody
planted, so a cluster of several bases may well be right here (`scale.py` counts wrong merges).

The last lines compare tokenising, hashing and pairing alone with `re.findall` and a set of shingles an article.
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
from measure import MEMORY, MIB, CommandError, Cost, Found, clusters_of, judge, machine, run, spread, stories_of, table
from planted import VARIANTS
from rivals_speed import RIVALS, WORKERS

OURS = "newsdedup"
HERE = Path(__file__).resolve().parent
REPETITIONS = 5
KERNEL_MEMORY = 1 << 30  # bytes that pairing may use
KERNEL_BATCH = 64  # articles of 4 kB at a time, so that the arrays stay in the cache, as FINGERPRINT_CHARS does
KERNEL = 4000  # articles for the kernel alone: enough to fill every cache many times over


def prepare(folder: Path, *, bare: bool, size: int) -> tuple[Path, int]:
    """Write the corpus, its truth and its parts for datatrove; returns its path and the number of articles."""
    path = folder / "corpus.jsonl"
    rows = corpus.rows("bulk", size)
    number = corpus.write(path, (row for row in rows if row.relation == "base") if bare else rows)
    parts = folder / "parts"
    parts.mkdir()
    for part in range(WORKERS):
        with path.open("rb") as lines, (parts / f"{part}.jsonl").open("wb") as out:
            out.writelines(islice(lines, part, None, WORKERS))
    return path, number


def command(name: str, path: Path, out: Path, python: str) -> list[str | Path]:
    """Return the command that a program is measured by."""
    if name == OURS:
        return [python, "-m", "newsdedup", "ingest", path, "--format", "jsonl", "-o", out]
    return [python, HERE / "rivals_speed.py", name, path.parent / "parts" if name == "datatrove" else path, out]


def measure(
    names: Sequence[str], path: Path, repetitions: int, pythons: dict[str, str]
) -> tuple[dict[str, list[Cost]], dict[str, Found]]:
    """Run every program so many times in turn; returns its costs, and what its last run found."""
    costs: dict[str, list[Cost]] = {name: [] for name in names}
    found: dict[str, Found] = {}
    for round_ in range(repetitions):
        for name in names:
            out = path.parent / f"{name}.out"
            cost = run(command(name, path, out, pythons[name]), path.parent / f"{name}.log")
            costs[name].append(cost)
            print(
                f"round {round_ + 1}: {name} {cost.wall:.1f} s, {cost.peak / MIB:,.0f} MiB", file=sys.stderr, flush=True
            )
            if name not in found:
                found[name] = judge((stories_of if name == OURS else clusters_of)(out), corpus.truth_of(path))
    return costs, found


def kernel_python(texts: Sequence[str]) -> int:
    """Tokenise with `re.findall` and make a set of word 3-shingles of every text; returns how many in all."""
    words = re.compile(r"\w+")
    sets = []
    for text in texts:
        found = words.findall(text.lower())
        sets.append(set(zip(found, found[1:], found[2:], strict=False)))
    return sum(map(len, sets))


def kernel_ours(texts: Sequence[str]) -> int:
    """Tokenise, hash, sample and pair the texts as stages 3 and 4 do; returns how many pairs there are.

    Lines are tokenised one by one, as reports are sentence by sentence. The one place here that calls into the package:
    to be kept in step with `fingerprint` and `candidates`.
    """
    from newsdedup.arrays import bounds_of, stacked  # noqa: PLC0415
    from newsdedup.candidates import candidates  # noqa: PLC0415
    from newsdedup.fingerprint import sample, shingles_of  # noqa: PLC0415
    from newsdedup.hashing import tokenise  # noqa: PLC0415

    rows = []
    for start in range(0, len(texts), KERNEL_BATCH):
        lines = [text.split("\n") for text in texts[start : start + KERNEL_BATCH]]
        tokens = tokenise(list(chain.from_iterable(lines)))
        rows.append(sample(shingles_of(tokens.hashes, tokens.bounds[bounds_of(list(map(len, lines)))]))[0])
    kept = stacked(rows, np.uint64)
    with TemporaryDirectory(prefix="newsdedup-bench-") as folder:
        return len(candidates([(np.arange(len(kept)), kept)], len(kept), KERNEL_MEMORY, Path(folder)))


def kernels(path: Path, repetitions: int) -> list[str]:
    """Return lines on what the kernel costs beside plain Python, on the same articles in the same process."""
    texts = [str(row["text"]) for row in islice(corpus.read_bulk(), KERNEL)] if path.exists() else []
    size = sum(len(text.encode()) for text in texts) / 1e6
    times: dict[str, list[float]] = {"ours": [], "python": []}
    for _ in range(repetitions):
        for name, call in (("ours", kernel_ours), ("python", kernel_python)):
            began = time.perf_counter()
            call(texts)
            times[name].append(time.perf_counter() - began)
    ratio = statistics.median(b / a for a, b in zip(times["ours"], times["python"], strict=True))
    rates = {
        name: f"{spread(some, '.2f')} s, {size / statistics.median(some):.1f} MB/s" for name, some in times.items()
    }
    return [
        f"Kernel alone, {len(texts):,} articles, {size:.0f} MB, one process:",
        f"- tokenise, hash, sample and pair: {rates['ours']}",
        f"- re.findall + a set of 3-shingles, without pairing: {rates['python']}",
        f"- ours is {ratio:.1f} times as fast",
    ]


def report(costs: dict[str, list[Cost]], found: dict[str, Found], articles: int, size: float) -> str:
    """Return the tables: what each cost, and what it found."""
    head = ["", "wall s", "CPU s", "peak MiB", "articles/s", "MB/s", "ours is faster by"]
    rows = []
    for name, some in costs.items():
        wall = [each.wall for each in some]
        ratio = [b.wall / a.wall for a, b in zip(costs[OURS], some, strict=True)] if OURS in costs else []
        rows.append([
            name, spread(wall), spread([each.cpu for each in some]),
            f"{spread([each.peak / MIB for each in some], '.0f')} [{max(each.own for each in some) / MIB:.0f}]",
            f"{articles / statistics.median(wall):,.0f}", f"{size / statistics.median(wall):.1f}",
            spread(ratio, ".2f") if ratio else "-",
        ])  # fmt: skip
    planted = [*VARIANTS, "all"]
    what = []
    for name, each in found.items():
        shares = [f"{each.recall(relation):.3f}" if each.planted[relation] else "-" for relation in VARIANTS]
        total = f"{sum(each.found.values()):,} of {sum(each.planted.values()):,}"
        what.append([name, *shares, total, f"{each.mixed:,}", f"{each.wrong:,}"])
    found_head = ["found of the planted", *planted, "clusters of several bases", "pairs in them"]
    return f"{table(head, rows)}\n\n{table(found_head, what)}"


def installed(name: str, python: str) -> str | None:
    """Return the version of a package in this Python, None where it is not there; of another Python none is known."""
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
    parser.add_argument("--size", type=int, default=sys.maxsize, help="take so many articles at most")
    parser.add_argument("--bare", action="store_true", help="bulk alone, nothing planted")
    parser.add_argument("--rivals-python", default=sys.executable, help="a Python that has the rivals installed")
    parser.add_argument("--no-kernel", action="store_true", help="whole processes only")
    given = parser.parse_args()
    if not corpus.BULK.is_file():
        sys.exit(f"{corpus.BULK} is not there: the articles to measure on are not part of the project")
    pythons = {name: sys.executable if name == OURS else given.rivals_python for name in given.only}
    versions = {name: installed(name, pythons[name]) for name in given.only}
    if missing := [name for name, found in versions.items() if found is None]:
        sys.exit(f"{', '.join(missing)} not installed; run: pip install '.[bench]'")
    with TemporaryDirectory(prefix="newsdedup-bench-") as folder:
        path, articles = prepare(Path(folder), bare=given.bare, size=given.size)
        size = path.stat().st_size / 1e6
        print("command: python " + " ".join(sys.argv))
        print(f"machine: {machine()}")
        print("versions: " + ", ".join(f"{name} {found}" for name, found in versions.items()))
        planted = "nothing planted" if given.bare else "variants planted"
        print(f"corpus: {articles:,} articles, {size:.1f} MB of JSON Lines ({planted}, seed 0)")
        print(f"memory: {MEMORY}")
        print(f"medians of {given.repetitions} (least-most), runs alternating\n", flush=True)
        try:
            costs, found = measure(given.only, path, given.repetitions, pythons)
        except CommandError as error:
            sys.exit(str(error))
        print(report(costs, found, articles, size))
        if not given.no_kernel:
            print("\n" + "\n".join(kernels(path, given.repetitions)))


if __name__ == "__main__":
    main()
