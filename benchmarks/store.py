"""Cost and crash safety of a store: `python benchmarks/store.py add` and `python benchmarks/store.py kill`.

`add` fills stores of several sizes with a corpus made by `corpus.py` and adds further articles to copies of each in
turn, several times. It prints time, memory, and the file size relative to the gzipped input. `kill` ingests a corpus in
parts and kills the process (`kill -9`, the whole group) at random moments. After each kill the store must open, verify,
and contain what it contained before or the whole part; in the end its stories must be those of the corpus ingested at
once.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import corpus
from measure import MEMORY_NOTE, MIB, Cost, describe_machine, format_range, format_table, run_measured

SIZES = (2_000, 200_000)
ADDED = 1_000
ROUNDS = 5
KILLS = 50
KILLED_SIZE = 20_000
PARTS = 10
COMMAND = (sys.executable, "-m", "newsdedup")


def copy_lines(path: Path, start: int, count: int, out_path: Path) -> Path:
    """Copy `count` lines of a file from line `start` (0 is the first)."""
    with path.open("rb") as stream, out_path.open("wb") as target:
        target.writelines(islice(stream, start, start + count))
    return out_path


def build_ingest_command(path: Path, store: Path, out_path: Path) -> list[str | Path]:
    """Return the command that adds a file to a store."""
    return [*COMMAND, "ingest", path, "--store", store, "--format", "jsonl", "-o", out_path, "-q"]


def measure_adding(folder: Path, sizes: Sequence[int], added: int, rounds: int) -> str:
    """Fill stores and add to each in turn; return the table."""
    corpus_path = folder / "corpus.jsonl"
    corpus.write_corpus(corpus_path, corpus.make_rows("news", max(sizes) + added))
    added_path = copy_lines(corpus_path, max(sizes), added, folder / "more.jsonl")
    rows = {}
    for size in sizes:
        first = copy_lines(corpus_path, 0, size, folder / "first.jsonl")
        store = folder / f"{size}.db"
        fill_cost = run_measured(build_ingest_command(first, store, folder / "out"), folder / "log")
        gzipped_size = len(gzip.compress(first.read_bytes(), 6))
        share = store.stat().st_size / gzipped_size
        rows[size] = [f"{size:,}", f"{fill_cost.wall:.1f}", f"{fill_cost.peak / MIB:,.0f}", f"{share:.2f}"]
        print(f"{size:,}: filled in {fill_cost.wall:.1f} s", file=sys.stderr, flush=True)
    add_costs: dict[int, list[Cost]] = {size: [] for size in sizes}
    for _ in range(rounds):
        for size in sizes:
            copy = Path(shutil.copy(folder / f"{size}.db", folder / "copy.db"))
            add_costs[size].append(run_measured(build_ingest_command(added_path, copy, folder / "out"), folder / "log"))
            copy.unlink()
        print(", ".join(f"{size:,}: {costs[-1].wall:.1f} s" for size, costs in add_costs.items()), file=sys.stderr)
    for size, costs in add_costs.items():
        largest = max(costs, key=lambda cost: cost.peak)
        times = [cost.wall / first.wall for cost, first in zip(costs, add_costs[sizes[0]], strict=True)]
        rows[size] += [
            format_range([cost.wall for cost in costs]), format_range(times, ".2f"),
            f"{largest.peak / MIB:,.0f} [{largest.anonymous / MIB:,.0f}]",
        ]  # fmt: skip
    head = ["articles", "fill s", "peak MiB", "size / gzipped input", f"add {added:,} s", "times the first", "peak MiB"]
    return format_table(head, list(rows.values()))


def read_partition(store: Path) -> set[frozenset[str]]:
    """Return the stories of a store as sets of article ids."""
    stories: dict[int, set[str]] = {}
    with sqlite3.connect(store) as db:
        for article, story in db.execute("SELECT article_id, story FROM articles"):
            stories.setdefault(story, set()).add(article)
    return {frozenset(members) for members in stories.values()}


def test_kills(folder: Path, size: int, parts: int, times: int, seed: int) -> tuple[int, list[str]]:
    """Ingest in parts with this many kills in total; return the number of kills and the problems."""
    corpus_path = folder / "corpus.jsonl"
    count = corpus.write_corpus(corpus_path, corpus.make_rows("news", size, seed))
    reference_store, store = folder / "whole.db", folder / "killed.db"
    subprocess.run(build_ingest_command(corpus_path, reference_store, folder / "out"), check=True)
    rng = random.Random(seed)  # noqa: S311 - no secret
    kill_count, problems, longest = 0, [], 0.0
    part_size = -(-count // parts)
    for part in range(parts):
        file = copy_lines(corpus_path, part * part_size, part_size, folder / "part.jsonl")
        command = build_ingest_command(file, store, folder / "out")
        stored_count = part * part_size
        target_kills = kill_count + (times // parts if longest else 0)
        while kill_count < target_kills:  # a process that ended before the kill is not counted
            process = subprocess.Popen(command, start_new_session=True)
            time.sleep(rng.uniform(0, longest))
            os.killpg(process.pid, signal.SIGKILL)
            kill_count += process.wait() == -signal.SIGKILL
            verified = subprocess.run(
                [*COMMAND, "store", "verify", "--store", store], capture_output=True, text=True, check=False
            )
            if verified.returncode or len(frozenset().union(*read_partition(store))) not in {
                stored_count,
                min(stored_count + part_size, count),
            }:
                problems.append(f"part {part}: {verified.stdout}{verified.stderr}")
        began = time.monotonic()
        subprocess.run(command, check=True)
        longest = max(longest, time.monotonic() - began)
        print(f"part {part + 1} of {parts}: {kill_count} kills, {len(problems)} wrong", file=sys.stderr, flush=True)
    if read_partition(store) != read_partition(reference_store):
        problems.append("the stories differ from those of the corpus ingested at once")
    return kill_count, problems


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the cost and the crash safety of a store.")
    parser.add_argument("what", choices=("add", "kill"))
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--added", type=int, default=ADDED)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--size", type=int, default=KILLED_SIZE)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if not corpus.BULK.is_file():
        sys.exit(f"{corpus.BULK} not found: the articles for this benchmark are not part of the project")
    print("command: python " + " ".join(sys.argv))
    print(f"machine: {describe_machine()}")
    with TemporaryDirectory(prefix="newsdedup-bench-") as name:
        if options.what == "add":
            print(
                f"memory: {MEMORY_NOTE}\n\n{measure_adding(Path(name), options.sizes, options.added, options.rounds)}"
            )
            return
        # The first part is not killed: it shows how long a part takes.
        kill_count, problems = test_kills(
            Path(name), options.size, PARTS + 1, options.kills // PARTS * (PARTS + 1), options.seed
        )
        print(
            "\n".join(problems)
            or f"{kill_count} kills of {options.size:,} articles in {PARTS + 1} parts: nothing lost, nothing duplicated"
        )
        sys.exit(bool(problems))


if __name__ == "__main__":
    main()
