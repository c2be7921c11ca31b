"""Measures the cost of a command as a whole process, and how many planted duplicates its clusters contain."""

from __future__ import annotations

import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLE_INTERVAL = 0.2  # minimum seconds between two memory samples
MAX_SAMPLING_SHARE = 0.02  # of a processor: sampling much memory is slow and slows the process down
MIB = 1 << 20
HAS_PSS = Path("/proc/self/smaps_rollup").exists()
MEMORY_NOTE = (
    f"proportional set size of all processes, sampled every {SAMPLE_INTERVAL} s or less often "
    "(including pages of mapped files in memory; in brackets without them)"
    if HAS_PSS
    else "largest resident set of a single process (ru_maxrss; this system does not report the sum of all)"
)
"""What the memory figures mean."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall and CPU seconds; peak memory in bytes, and without pages of mapped files (`anonymous`)."""

    wall: float
    cpu: float
    peak: int
    anonymous: int


class CommandError(Exception):
    """A measured command did not exit with 0."""


def run_measured(command: Sequence[str | Path], log: Path, *, environment: dict[str, str] | None = None) -> Cost:
    """Run a command in its own session, with its output in `log`. Raises CommandError if it does not exit with 0."""
    peak = [0, 0]
    cpu: dict[int, float] = {}
    finished = threading.Event()
    with log.open("wb") as log_file:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=log_file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip

        def watch() -> None:
            sampling_time = 0.0
            while not finished.wait(max(SAMPLE_INTERVAL, sampling_time / MAX_SAMPLING_SHARE)):
                sample_start = time.perf_counter()
                sample = _sample_session(process.pid)
                peak[:] = max(peak[0], sample.peak), max(peak[1], sample.anonymous)
                cpu.update(sample.cpu)
                sampling_time = time.perf_counter() - sample_start

        watcher = threading.Thread(target=watch, daemon=True)
        if HAS_PSS:
            watcher.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)  # of the process and the children it waited for
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)  # also its workers
            raise
        finally:
            finished.set()
        wall = time.perf_counter() - start
    if HAS_PSS:
        watcher.join()
    else:
        peak = [usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)] * 2
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        output = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise CommandError(f"{' '.join(map(str, command))} exited with {process.returncode}:\n{output}")
    # Workers forked by a server (datatrove has one) may end without being waited for: then only the samples count them.
    return Cost(wall, max(usage.ru_utime + usage.ru_stime, sum(cpu.values())), peak[0], peak[1])


@dataclass(frozen=True, slots=True)
class _Sample:
    peak: int
    anonymous: int
    cpu: dict[int, float]


def _sample_session(session: int) -> _Sample:
    """Return the current memory of all processes of a session in bytes, and the CPU seconds of each."""
    total, anonymous, cpu = 0, 0, {}
    tick = os.sysconf("SC_CLK_TCK")
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal():
            continue
        try:
            # pid (name) state parent group session ...; the name may contain anything, also brackets
            stat = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()
            if int(stat[3]) != session:
                continue
            cpu[int(process.name)] = (int(stat[11]) + int(stat[12])) / tick
            sizes = dict(line.split(":") for line in (process / "smaps_rollup").read_text().splitlines()[1:])
            kib = {name: int(size.split()[0]) for name, size in sizes.items()}
            total += kib["Pss"]
            anonymous += kib["Pss"] - kib.get("Pss_File", 0)
        except (OSError, LookupError, ValueError):  # the process has ended meanwhile
            continue
    return _Sample(total * 1024, anonymous * 1024, cpu)


@dataclass(frozen=True, slots=True)
class PlantedFound:
    """How clusters compare with the truth of a corpus.

    `planted` counts variants by relation, `found` those in the cluster of their base. `mixed` counts clusters with
    articles of several stories, `wrong` the pairs of articles of different stories in them.
    """

    planted: Counter[str]
    found: Counter[str]
    mixed: int
    wrong: int

    def recall(self, *relations: str) -> float:
        """Return the share of the planted variants of these relations (default: all) that was found, 0 to 1."""
        wanted_relations = relations or tuple(self.planted)
        found_count = sum(self.found[name] for name in wanted_relations)
        return found_count / max(1, sum(self.planted[name] for name in wanted_relations))


def evaluate_clusters(clusters: Iterable[Sequence[str]], truth: Path) -> PlantedFound:
    """Compare clusters of ids with the truth. An id in no cluster is alone; ids outside the truth are ignored."""
    story: dict[str, str] = {}
    relation: dict[str, str] = {}
    with truth.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            story[row["id"]] = row["story"]
            if row["relation"] != "base":
                relation[row["id"]] = row["relation"]
    planted, found_counts = Counter(relation.values()), Counter[str]()
    mixed = wrong = 0
    for cluster in clusters:
        members = [member for member in cluster if member in story]
        if len(members) < 2:
            continue
        member_set = set(members)
        found_counts.update(
            relation[member] for member in members if member in relation and story[member] in member_set
        )
        sizes = Counter(story[member] for member in members)
        if len(sizes) > 1:
            mixed += 1
            wrong += (len(members) ** 2 - sum(size**2 for size in sizes.values())) // 2
    return PlantedFound(planted, found_counts, mixed, wrong)


def read_stories(path: Path) -> Iterable[list[str]]:
    """Yield the article ids of each story in the output of `ingest --format jsonl`."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield [variant["article_id"] for variant in json.loads(line)["variants"]]


def read_clusters(path: Path) -> Iterable[list[str]]:
    """Yield the article ids of each cluster in the output of a rival: one object with `members` a line."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["members"]


def format_range(values: Sequence[float], form: str = ".1f") -> str:
    """Return the median, followed by the range if there are several values."""
    median = format(statistics.median(values), form)
    return median if len(values) == 1 else f"{median} ({min(values):{form}}-{max(values):{form}})"


def format_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def describe_machine() -> str:
    """Return a description of the machine: cores, processor, memory, system, Python."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text().splitlines()
        name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), name)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30 if hasattr(os, "sysconf") else 0
    return (
        f"{os.cpu_count()} cores ({name}), {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}"
    )


def group_pairs(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return the connected components of pairs, by union-find."""
    parent: dict[str, str] = {}

    def root(node: str) -> str:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in pairs:
        parent[root(a)] = root(b)
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for node in list(parent):
        groups[root(node)].append(node)
    return list(groups.values())
