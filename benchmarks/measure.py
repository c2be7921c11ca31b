"""What a command costs as a whole process, and what its clusters found of what was planted."""

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

EVERY = 0.2  # seconds between two looks at the memory, at least
SHARE = 0.02  # of a processor that looking may take: of much memory a look takes long, and slows what is looked at
MIB = 1 << 20
PSS = Path("/proc/self/smaps_rollup").exists()
MEMORY = (
    f"proportional set size of all processes together, looked at every {EVERY} s or less often (pages of mapped files "
    "that are in memory included; in brackets without them)"
    if PSS
    else "largest resident set of a single process (ru_maxrss; this system does not tell that of all together)"
)
"""What the figures of memory are."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the clock and of all processors; bytes at the peak, and `own` without pages of mapped files."""

    wall: float
    cpu: float
    peak: int
    own: int


class CommandError(Exception):
    """A measured command ended with another exit code than 0."""


def run(command: Sequence[str | Path], log: Path, *, environment: dict[str, str] | None = None) -> Cost:
    """Run a command in a session of its own until it ends; what it prints goes to `log`. Raises CommandError."""
    peak = [0, 0]
    cpu: dict[int, float] = {}
    done = threading.Event()
    with log.open("wb") as out:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip

        def watch() -> None:
            took = 0.0
            while not done.wait(max(EVERY, took / SHARE)):
                looking = time.perf_counter()
                now = _look(process.pid)
                peak[:] = max(peak[0], now.peak), max(peak[1], now.own)
                cpu.update(now.cpu)
                took = time.perf_counter() - looking

        watcher = threading.Thread(target=watch, daemon=True)
        if PSS:
            watcher.start()
        try:
            _, status, used = os.wait4(process.pid, 0)  # of the process and all it waited for
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)  # its workers, too
            raise
        finally:
            done.set()
        wall = time.perf_counter() - began
    if PSS:
        watcher.join()
    else:
        peak = [used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)] * 2
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise CommandError(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{said}")
    # A server that forks the workers (datatrove has one) may end without being waited for: then only the looks know.
    return Cost(wall, max(used.ru_utime + used.ru_stime, sum(cpu.values())), peak[0], peak[1])


@dataclass(frozen=True, slots=True)
class _Look:
    peak: int
    own: int
    cpu: dict[int, float]


def _look(session: int) -> _Look:
    """Return what all processes of a session have now: memory in bytes, seconds of processors by process."""
    total, own, cpu = 0, 0, {}
    tick = os.sysconf("SC_CLK_TCK")
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal():
            continue
        try:
            # pid (name) state parent group session ...; the name may hold anything, brackets too
            stat = (process / "stat").read_text(errors="replace").rpartition(")")[2].split()
            if int(stat[3]) != session:
                continue
            cpu[int(process.name)] = (int(stat[11]) + int(stat[12])) / tick
            sizes = dict(line.split(":") for line in (process / "smaps_rollup").read_text().splitlines()[1:])
            kib = {name: int(size.split()[0]) for name, size in sizes.items()}
            total += kib["Pss"]
            own += kib["Pss"] - kib.get("Pss_File", 0)
        except (OSError, LookupError, ValueError):  # it has ended meanwhile
            continue
    return _Look(total * 1024, own * 1024, cpu)


@dataclass(frozen=True, slots=True)
class Found:
    """What clusters make of a corpus whose truth is known.

    `planted` and `found` count variants by relation: found is one that is in its base's cluster. `mixed` clusters hold
    articles of several stories; `wrong` counts the pairs of articles in them that are of different stories.
    """

    planted: Counter[str]
    found: Counter[str]
    mixed: int
    wrong: int

    def recall(self, *relations: str) -> float:
        """Return the share found of the variants of these relations (none named: of all), 1 where none is planted."""
        asked = relations or tuple(self.planted)
        return sum(self.found[each] for each in asked) / max(1, sum(self.planted[each] for each in asked))


def judge(clusters: Iterable[Sequence[str]], truth: Path) -> Found:
    """Count what clusters of ids found; an id in none of them stands alone, one not in the truth is skipped."""
    story: dict[str, str] = {}
    relation: dict[str, str] = {}
    with truth.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            story[row["id"]] = row["story"]
            if row["relation"] != "base":
                relation[row["id"]] = row["relation"]
    planted, found = Counter(relation.values()), Counter[str]()
    mixed = wrong = 0
    for cluster in clusters:
        members = [each for each in cluster if each in story]
        if len(members) < 2:
            continue
        here = set(members)
        found.update(relation[each] for each in members if each in relation and story[each] in here)
        sizes = Counter(story[each] for each in members)
        if len(sizes) > 1:
            mixed += 1
            wrong += (len(members) ** 2 - sum(size**2 for size in sizes.values())) // 2
    return Found(planted, found, mixed, wrong)


def stories_of(path: Path) -> Iterable[list[str]]:
    """Yield the article ids of each story in what `ingest --format jsonl` wrote."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield [variant["article_id"] for variant in json.loads(line)["variants"]]


def clusters_of(path: Path) -> Iterable[list[str]]:
    """Yield the article ids of each cluster in what a rival wrote: an object with `members` a line."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["members"]


def spread(values: Sequence[float], form: str = ".1f") -> str:
    """Return the median, and the least and the most where there are several."""
    middle = format(statistics.median(values), form)
    return middle if len(values) == 1 else f"{middle} ({min(values):{form}}-{max(values):{form}})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine() -> str:
    """Return what was measured on: cores, processor, memory, system, Python."""
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


def grouped(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return the connected components of pairs, by union-find."""
    parent: dict[str, str] = {}

    def root(of: str) -> str:
        parent.setdefault(of, of)
        while parent[of] != of:
            parent[of] = parent[parent[of]]
            of = parent[of]
        return of

    for a, b in pairs:
        parent[root(a)] = root(b)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for each in list(parent):
        found[root(each)].append(each)
    return list(found.values())
