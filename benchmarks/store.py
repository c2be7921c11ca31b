"""What a store costs and what it survives: `python benchmarks/store.py add` and `python benchmarks/store.py kill`.

`add` fills stores of several sizes with a corpus that `corpus.py` makes, and adds further articles to copies of each in
turn, several times; it prints time, memory, and the size of the file beside that of the input, gzipped. `kill` ingests
a corpus in parts and kills the process (`kill -9`, the whole group) at random moments; after each kill the store must
open, verify, and hold what it held or all of the part, and in the end the partition of the corpus ingested at once.
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
from measure import MEMORY, MIB, Cost, machine, run, spread, table

SIZES = (2_000, 200_000)
ADDED = 1_000
ROUNDS = 5
KILLS = 50
KILLED_SIZE = 20_000
PARTS = 10
COMMAND = (sys.executable, "-m", "newsdedup")


def lines(path: Path, start: int, count: int, out: Path) -> Path:
    """Copy lines of a file, from number `start` (0 the first)."""
    with path.open("rb") as stream, out.open("wb") as target:
        target.writelines(islice(stream, start, start + count))
    return out


def ingest(path: Path, store: Path, out: Path) -> list[str | Path]:
    """Return the command that adds a file to a store."""
    return [*COMMAND, "ingest", path, "--store", store, "--format", "jsonl", "-o", out, "-q"]


def add(folder: Path, sizes: Sequence[int], added: int, rounds: int) -> str:
    """Fill stores and add to each in turn; returns the table."""
    whole = folder / "corpus.jsonl"
    corpus.write(whole, corpus.rows("news", max(sizes) + added))
    more = lines(whole, max(sizes), added, folder / "more.jsonl")
    rows = {}
    for size in sizes:
        first = lines(whole, 0, size, folder / "first.jsonl")
        store = folder / f"{size}.db"
        filled = run(ingest(first, store, folder / "out"), folder / "log")
        packed = len(gzip.compress(first.read_bytes(), 6))
        share = store.stat().st_size / packed
        rows[size] = [f"{size:,}", f"{filled.wall:.1f}", f"{filled.peak / MIB:,.0f}", f"{share:.2f}"]
        print(f"{size:,}: filled in {filled.wall:.1f} s", file=sys.stderr, flush=True)
    grown: dict[int, list[Cost]] = {size: [] for size in sizes}
    for _ in range(rounds):
        for size in sizes:
            copy = Path(shutil.copy(folder / f"{size}.db", folder / "copy.db"))
            grown[size].append(run(ingest(more, copy, folder / "out"), folder / "log"))
            copy.unlink()
        print(", ".join(f"{size:,}: {costs[-1].wall:.1f} s" for size, costs in grown.items()), file=sys.stderr)
    for size, costs in grown.items():
        most = max(costs, key=lambda cost: cost.peak)
        times = [one.wall / other.wall for one, other in zip(costs, grown[sizes[0]], strict=True)]
        rows[size] += [
            spread([cost.wall for cost in costs]), spread(times, ".2f"),
            f"{most.peak / MIB:,.0f} [{most.own / MIB:,.0f}]",
        ]  # fmt: skip
    head = ["articles", "fill s", "peak MiB", "size / gzipped input", f"add {added:,} s", "times the first", "peak MiB"]
    return table(head, list(rows.values()))


def partition(store: Path) -> set[frozenset[str]]:
    """Return the stories of a store as sets of article ids."""
    stories: dict[int, set[str]] = {}
    with sqlite3.connect(store) as db:
        for article, story in db.execute("SELECT article_id, story FROM articles"):
            stories.setdefault(story, set()).add(article)
    return {frozenset(each) for each in stories.values()}


def kill(folder: Path, size: int, parts: int, times: int, seed: int) -> tuple[int, list[str]]:
    """Ingest in parts with so many kills in all; returns how many there were, and what went wrong."""
    whole = folder / "corpus.jsonl"
    count = corpus.write(whole, corpus.rows("news", size, seed))
    at_once, store = folder / "whole.db", folder / "killed.db"
    subprocess.run(ingest(whole, at_once, folder / "out"), check=True)
    chance = random.Random(seed)  # noqa: S311 - no secret
    killed, wrong, took = 0, [], 0.0
    step = -(-count // parts)
    for part in range(parts):
        file = lines(whole, part * step, step, folder / "part.jsonl")
        command = ingest(file, store, folder / "out")
        held = part * step
        until = killed + (times // parts if took else 0)
        while killed < until:  # a process that was faster is not counted
            process = subprocess.Popen(command, start_new_session=True)
            time.sleep(chance.uniform(0, took))
            os.killpg(process.pid, signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
            verified = subprocess.run(
                [*COMMAND, "store", "verify", "--store", store], capture_output=True, text=True, check=False
            )
            if verified.returncode or len(frozenset().union(*partition(store))) not in {held, min(held + step, count)}:
                wrong.append(f"part {part}: {verified.stdout}{verified.stderr}")
        began = time.monotonic()
        subprocess.run(command, check=True)
        took = max(took, time.monotonic() - began)
        print(f"part {part + 1} of {parts}: {killed} kills, {len(wrong)} wrong", file=sys.stderr, flush=True)
    if partition(store) != partition(at_once):
        wrong.append("the partition is not that of all at once")
    return killed, wrong


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure a store.")
    parser.add_argument("what", choices=("add", "kill"))
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--added", type=int, default=ADDED)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--size", type=int, default=KILLED_SIZE)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if not corpus.BULK.is_file():
        sys.exit(f"{corpus.BULK} is not there: the articles to measure on are not part of the project")
    print("command: python " + " ".join(sys.argv))
    print(f"machine: {machine()}")
    with TemporaryDirectory(prefix="newsdedup-bench-") as name:
        if given.what == "add":
            print(f"memory: {MEMORY}\n\n{add(Path(name), given.sizes, given.added, given.rounds)}")
            return
        # One part more, which is not killed: it tells how long a part takes.
        killed, wrong = kill(Path(name), given.size, PARTS + 1, given.kills // PARTS * (PARTS + 1), given.seed)
        print(
            "\n".join(wrong)
            or f"{killed} kills of {given.size:,} articles in {PARTS + 1} parts: nothing lost, nothing twice"
        )
        sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
