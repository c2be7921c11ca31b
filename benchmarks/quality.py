"""How good the matching is on labelled pairs, end to end, beside rivals and against pinned floors.

usage: python benchmarks/quality.py [--quick] [--no-rivals] [--update] [--stories FOLDER]

Uses ../shared/gold where it is there (811 pairs, labels by a language model, see its README) and always the two small
labelled sets in tests/data, which are ours and which no model is fitted on. Every figure is of stories: `newsdedup
ingest` runs as users run it, each set by itself as it was labelled, and two articles count as called duplicates when
they ended in one story.

*Cross-validated*: the events are parted into ten folds (`folds`). For each fold a model is fitted on the pairs that
share no article with the fold's, written to a file and handed to `newsdedup ingest --model`; only the fold's pairs are
scored, and the outcomes of all folds are pooled into one figure. A set without a pair in a fold is not ingested for it.
*In sample*: the shipped model, which was fitted on these pairs; it guards against breaking something and flatters.

B-cubed precision over events (web2025): every article is judged in the fold of its event, by the whole story it got
from that fold's model, whatever events the other members are of; the mean over all articles of all folds.

Exit 1 when a figure falls under its floor (floors.json, see `gate`), 2 when the corpus is not the one of the floors.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import cast

import numpy as np
from threadpoolctl import threadpool_limits

import gate
import train
from figures import Count, Figures, LabelledPair, Purity, bcubed, read_pairs, read_rows, relation_fits
from folds import Folds, folds_over_events, trained_on
from newsdedup.candidates import candidates
from newsdedup.cli import main as newsdedup
from newsdedup.config import Config
from newsdedup.features import Profile
from newsdedup.fingerprint import fingerprint
from newsdedup.idf import load_background
from newsdedup.prefilter import verify
from newsdedup.readers import identify, load
from newsdedup.score import load_model, score
from rivals import RIVALS, Floats, Places, best_threshold

ROOT = Path(__file__).parent.parent
OUTCOMES = "cross-validated.jsonl"  # with --stories: each pair, its fold, and whether it was merged
PACKAGES = ("newsdedup", "numpy", "rapidfuzz", "scikit-learn", "scipy", "datasketch")

PAIRING_MEMORY = 1 << 30  # bytes

Where = dict[str, tuple[str, int]]
"""The story of each article: the set and the story's number in it."""


@dataclass(frozen=True)
class Corpus:
    """Labelled pairs and the files of articles that they are about; each file is ingested by itself."""

    name: str
    pairs: Path
    articles: tuple[Path, ...]
    events: Path | None = None

    @property
    def files(self) -> list[Path]:
        """Return every file that the figures depend on."""
        return [self.pairs, *self.articles, *([self.events] if self.events else [])]

    def event_of(self) -> dict[str, str]:
        """Return the event of each article of a set with events."""
        return {row["id"]: row["event"] for row in read_rows(self.events)} if self.events else {}


OURS = (
    Corpus("own", ROOT / "tests/data/labelled_pairs.jsonl", (ROOT / "tests/data/labelled.jsonl",)),
    Corpus("wire", ROOT / "tests/data/wire_pairs.jsonl", (ROOT / "tests/data/wire.jsonl",)),
)
GOLD = Corpus(
    "gold",
    train.GOLD / "pairs.jsonl",
    tuple(train.GOLD / f"{name}.jsonl" for name in train.SETS),
    train.GOLD / "events.jsonl",
)


@dataclass(frozen=True)
class Row:
    """One line of the table: a method, its figures, and the processor seconds that all sets took it once."""

    name: str
    figures: Figures
    seconds: float


@dataclass
class Bench:
    """A run of the benchmark: where files go, who works, and the figures with a floor reached so far, by corpus."""

    folder: Path
    pool: ProcessPoolExecutor
    reached: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)

    def ingest(
        self, articles: Sequence[Path], label: str, model: Path | None = None
    ) -> list[Future[tuple[Path, float]]]:
        """Start one `newsdedup ingest` a file, the largest first."""
        largest_first = sorted(articles, key=lambda path: -path.stat().st_size)
        outs = {path: self.folder / f"{path.stem}.{label}.jsonl" for path in largest_first}
        return [self.pool.submit(run_ingest, path, out, model) for path, out in outs.items()]


def run_ingest(articles: Path, out: Path, model: Path | None) -> tuple[Path, float]:
    """Run `newsdedup ingest` on one core; returns where the stories are and the processor seconds it took."""
    given = ["--model", str(model)] if model else []
    start = time.process_time()
    code = newsdedup(
        ["ingest", str(articles), "--format", "jsonl", "-o", str(out), "--quiet", "--workers", "1", *given]
    )
    if code:
        raise RuntimeError(f"newsdedup ingest {articles.name} ended with {code}")
    return out, time.process_time() - start


def run_rival(key: str, articles: Path, asked: Sequence[tuple[str, str]]) -> tuple[Floats, float]:
    """Run a rival on one set, titles and texts as loaded; returns the pairs' levels and the processor seconds."""
    loaded = identify(load([articles], Config())).articles
    at = {each.article_id: i for i, each in enumerate(loaded)}
    texts = [f"{each.title or ''}\n{each.text}" for each in loaded]
    places: Places = [(at[a], at[b]) for a, b in asked]
    with threadpool_limits(limits=1):
        start = time.process_time()
        levels = RIVALS[key].levels(texts, places)
        return levels, time.process_time() - start


def stories_of(done: Sequence[Future[tuple[Path, float]]]) -> tuple[Where, float]:
    """Wait for the ingests; return each article's story and the processor seconds of all."""
    where: Where = {}
    seconds = 0.0
    for path, spent in (each.result() for each in done):
        seconds += spent
        for number, story in enumerate(read_rows(path)):
            for variant in story["variants"]:
                where[variant["article_id"]] = (path.name, number)
    return where, seconds


def together(pairs: Sequence[LabelledPair], where: Where) -> list[bool]:
    """Tell for each pair whether both articles ended in one story."""
    return [where[pair.a] == where[pair.b] for pair in pairs]


def relations_right(
    pairs: Sequence[LabelledPair], called: Sequence[bool], ready: Mapping[str, Profile], model: Path | None
) -> Count:
    """Ask the pair scorer for the relation of each labelled duplicate that was merged; count those that fit."""
    asked = [p for p, done in zip(pairs, called, strict=True) if done and p.duplicate]
    scorer = load_model(model)
    have = [p for p in asked if len(ready[p.a].sentences) and len(ready[p.b].sentences)]
    fits = (relation_fits(score(ready[p.a], ready[p.b], scorer).relation.value, p.relation) for p in have)
    return Count(sum(fits), len(asked))


def found_as_candidates(pairs: Sequence[LabelledPair], sets: Sequence[Sequence[Profile]]) -> list[bool]:
    """Tell for each pair whether the pipeline would score it, or takes both reports for one text (stages 3 to 4b)."""
    group: dict[str, tuple[int, int]] = {}
    met: set[tuple[tuple[int, int], tuple[int, int]]] = set()
    background = load_background()
    for s, profiles in enumerate(sets):
        columns = fingerprint([each.report for each in profiles], background)
        _, first, number = np.unique(columns.text_key, axis=0, return_index=True, return_inverse=True)
        group.update(
            (each.report.article.article_id, (s, int(first[g]))) for each, g in zip(profiles, number, strict=True)
        )
        distinct = np.sort(first)
        sampled = [(distinct, columns.shingles.take(distinct))]
        with tempfile.TemporaryDirectory() as folder:
            found = candidates(sampled, len(profiles), PAIRING_MEMORY, Path(folder))
        pairs_of_set = found[verify(found, columns.stems, columns.shingles, background)]
        met.update(((s, int(i)), (s, int(j))) for i, j in pairs_of_set)
    ends = [sorted((group[p.a], group[p.b])) for p in pairs]
    return [a == b or (a, b) in met for a, b in ends]


def by_id(sets: Sequence[Sequence[Profile]]) -> dict[str, Profile]:
    """Return the profiles of all sets by article id."""
    return {each.report.article.article_id: each for profiles in sets for each in profiles}


def measured(figures: Figures, relation: Count) -> dict[str, float]:
    """Return the figures that have a floor."""
    return {
        "f1": figures.f1,
        "wrong": figures.wrong.part,
        "rewrites": figures.merged("rewrite").part,
        "relation": relation.share,
    }


def breakdown(figures: Figures, relation: Count) -> Iterator[str]:
    """Yield a line for each set and each relation."""
    sets = sorted({pair.set for pair in figures.pairs})
    for name in sets if len(sets) > 1 else []:
        one = figures.of_set(name)
        low, high = one.f1_interval
        yield (
            f"  {name:10} {len(one.pairs):3} pairs  F1 {one.f1:.3f} [{low:.3f}, {high:.3f}]  precision "
            f"{one.precision:.3f}  recall {one.recall:.3f}  wrong merges {one.wrong}"
        )
    for duplicate in (True, False):
        names = sorted({pair.relation for pair in figures.pairs if pair.duplicate == duplicate})
        told = ", ".join(f"{name} {figures.merged(name)}" for name in names)
        yield f"  {'duplicates merged' if duplicate else 'wrongly merged'}: {told}"
    yield f"  relation right: {relation} merged duplicates ({relation.share:.1%})"


def purity_lines(purity: Purity) -> Iterator[str]:
    """Yield the B-cubed precision and a line for each story that mixes events: where it stands (file, line)."""
    yield f"  B-cubed precision over events: {purity.precision:.4f}; stories that mix events: {len(purity.mixed)}"
    mixed = cast("Mapping[tuple[str, int], Mapping[str, int]]", purity.mixed)  # stories are keyed as in `Where`
    for (file, line), events in sorted(mixed.items(), key=lambda item: item[0]):
        told = ", ".join(f"{count} of {event}" for event, count in sorted(events.items(), key=lambda x: (-x[1], x[0])))
        yield f"    {file} line {line + 1}: {told}"


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the table, a line at a time."""
    yield f"{'':52} {'F1 [95 %]':20} {'precision':>9} {'recall':>7} {'rewrites':>9} {'wrong':>8} {'CPU s':>6}"
    for row in rows:
        figures = row.figures
        low, high = figures.f1_interval
        rewrites, wrong = figures.merged("rewrite"), figures.wrong
        yield (
            f"{row.name:52} {f'{figures.f1:.3f} [{low:.3f}, {high:.3f}]':20} {figures.precision:9.3f} "
            f"{figures.recall:7.3f} {f'{rewrites.part}/{rewrites.whole}':>9} {f'{wrong.part}/{wrong.whole}':>8} "
            f"{row.seconds:6.0f}"
        )


def shipped(
    bench: Bench, corpus: Corpus, done: Sequence[Future[tuple[Path, float]]], sets: Sequence[Sequence[Profile]]
) -> Row:
    """Measure the shipped model and the candidates on a corpus; print the details and keep what has a floor."""
    pairs = read_pairs(corpus.pairs)
    where, seconds = stories_of(done)
    figures = Figures(pairs, together(pairs, where))
    relation = relations_right(pairs, figures.called, by_id(sets), None)
    reached = bench.reached.setdefault(corpus.name, {})
    reached["shipped"] = measured(figures, relation)
    print(f"\n{corpus.name}, shipped model{', in sample' if corpus is GOLD else ''}")
    print(*breakdown(figures, relation), sep="\n")
    if events := corpus.event_of():
        purity = bcubed(events, where, events)
        reached["shipped"]["bcubed"] = purity.precision
        print(*purity_lines(purity), sep="\n")
    found = Figures(pairs, found_as_candidates(pairs, sets))
    every = Count(
        sum(c for p, c in zip(pairs, found.called, strict=True) if p.duplicate), sum(p.duplicate for p in pairs)
    )
    rewrites = found.merged("rewrite")
    reached["candidates"] = {"recall": every.share, "recall_rewrites": rewrites.share}
    print(
        f"  candidate recall, whatever the model: duplicates {every} ({every.share:.1%}), "
        f"rewrites {rewrites} ({rewrites.share:.1%})"
    )
    return Row("newsdedup, shipped model" + (" (in sample)" if corpus is GOLD else ""), figures, seconds)


@dataclass(frozen=True)
class FoldRun:
    """One fold's model and the ingests that were started with it."""

    model: Path
    fitted: int
    done: Sequence[Future[tuple[Path, float]]]


def start_folds(
    bench: Bench, folds: Folds, pairs: Sequence[LabelledPair], ready: Mapping[str, Profile]
) -> list[FoldRun]:
    """Fit a model for each fold and start ingesting with it every set that has a pair or an event in the fold."""
    rows, _, x, y = train.labelled(ready)
    at = {(pair.a, pair.b): i for i, pair in enumerate(pairs)}
    number = [at[row["a"], row["b"]] for row in rows]
    events, started = GOLD.event_of(), []
    with_events = {pair.set for pair in pairs if pair.a in events}  # every fold has events to judge
    for k in range(folds.count):
        learns = np.array(trained_on(pairs, events, folds, k))[number]
        model = bench.folder / f"fold-{k}.json"
        train.write_model(model, x[learns], y[learns], {"fold": k, "pairs": int(learns.sum())})
        sets = with_events | {pair.set for pair, fold in zip(pairs, folds.of_pair, strict=True) if fold == k}
        files = [path for path in GOLD.articles if path.stem in sets]
        started.append(FoldRun(model, int(learns.sum()), bench.ingest(files, f"fold-{k}", model)))
    return started


def cross_validated(bench: Bench, folds: Folds, runs: Sequence[FoldRun], ready: Mapping[str, Profile]) -> Row:
    """Pool the folds; print the details and keep what has a floor."""
    pairs, events = read_pairs(GOLD.pairs), GOLD.event_of()
    called = [False] * len(pairs)
    right = asked = 0
    seconds, purity = 0.0, Purity(0.0, 0, {})
    print(f"\ngold, cross-validated over events, {folds.count} folds pooled")
    for k, run in enumerate(runs):
        where, spent = stories_of(run.done)
        mine = [i for i, fold in enumerate(folds.of_pair) if fold == k]
        for i, done in zip(mine, together([pairs[i] for i in mine], where), strict=True):
            called[i] = done
        relation = relations_right([pairs[i] for i in mine], [called[i] for i in mine], ready, run.model)
        right, asked, seconds = right + relation.part, asked + relation.whole, seconds + spent
        judged = [article for article, event in events.items() if folds.of_key[event] == k]
        purity += bcubed(judged, where, events) if judged else Purity(0.0, 0, {})
        one = Figures([pairs[i] for i in mine], [called[i] for i in mine])
        print(
            f"  fold {k}: fitted on {run.fitted} pairs, scored {len(mine)}: F1 {one.f1:.3f}, wrong merges {one.wrong}"
        )
    figures, relation = Figures(pairs, called), Count(right, asked)
    print(*breakdown(figures, relation), sep="\n")
    print(*purity_lines(purity), sep="\n")
    bench.reached["gold"]["cross_validated"] = {**measured(figures, relation), "bcubed": purity.precision}
    with (bench.folder / OUTCOMES).open("w", encoding="utf-8") as out:
        for pair, done, fold in zip(pairs, called, folds.of_pair, strict=True):
            out.write(json.dumps({**asdict(pair), "called": done, "fold": fold}) + "\n")
    return Row("newsdedup, cross-validated", figures, seconds / folds.count)


def start_rivals(bench: Bench, pairs: Sequence[LabelledPair]) -> dict[str, list[Future[tuple[Floats, float]]]]:
    """Start every rival on every set."""
    asked = {path: [(pair.a, pair.b) for pair in pairs if pair.set == path.stem] for path in GOLD.articles}
    return {key: [bench.pool.submit(run_rival, key, path, asked[path]) for path in GOLD.articles] for key in RIVALS}


def rival_rows(
    pairs: Sequence[LabelledPair], started: Mapping[str, Sequence[Future[tuple[Floats, float]]]]
) -> Iterator[Row]:
    """Wait for the rivals; yield a row each, at the threshold that is best on all pairs where it has one."""
    in_order = [pair for path in GOLD.articles for pair in pairs if pair.set == path.stem]
    duplicate = np.array([pair.duplicate for pair in in_order])
    for key, parts in started.items():
        results = [each.result() for each in parts]
        levels, seconds = np.concatenate([found for found, _ in results]), sum(spent for _, spent in results)
        threshold = best_threshold(levels, duplicate)
        name = f"{RIVALS[key].name}, at {threshold:.3f}".replace(" 0.", " .") if RIVALS[key].tuned else RIVALS[key].name
        yield Row(name, Figures(in_order, (levels >= threshold).tolist()), seconds)


def header(corpora: Sequence[Corpus]) -> Iterator[str]:
    """Yield what a reader needs to repeat the run."""
    command = " ".join(["benchmarks/quality.py", *sys.argv[1:]])
    yield f"command   python {command}, {time.strftime('%Y-%m-%d')}"
    yield f"versions  Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    yield f"machine   {platform.system()} {platform.machine()}, {os.cpu_count()} cores{_processor()}"
    for corpus in corpora:
        pairs = read_pairs(corpus.pairs)
        about = f"{len(pairs)} pairs, {sum(pair.duplicate for pair in pairs)} duplicates"
        labels = "labels by a language model, read twice" if corpus is GOLD else "our own short articles and labels"
        yield f"corpus    {corpus.name}: {about}, in {', '.join(path.name for path in corpus.articles)}; {labels}"


def _processor() -> str:
    """Return the name of the processor where the system tells it, after a comma."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    return next((", " + line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")


NOTES = """
rewrites, wrong: pairs merged, of all pairs with such a label. CPU s: processor seconds for all sets once, on one core.
What flatters whom: "in sample", the shipped model was fitted on these pairs; all newsdedup rows, its signals and rules
were developed with these articles in view; the rivals, each threshold is the best one on these very pairs."""


def measure(bench: Bench, corpora: Sequence[Corpus], *, quick: bool, rivals: bool) -> None:
    """Run everything that was asked for, print the details and the tables."""
    started = {corpus.name: bench.ingest(corpus.articles, "shipped") for corpus in corpora}
    for ours in OURS:
        row = shipped(bench, ours, started[ours.name], [train.profiles_of(path) for path in ours.articles])
        print(f"\n{ours.name}, {len(row.figures.pairs)} pairs", *table([row]), sep="\n")
    if GOLD in corpora:
        if not quick:
            print("\ngold: one ingest of every set a fold; five minutes and more on two idle cores")
        sets = [train.profiles_of(path) for path in GOLD.articles]
        pairs, ready, rows = read_pairs(GOLD.pairs), by_id(sets), []
        folds = folds_over_events(pairs, GOLD.event_of())
        fold_runs = [] if quick else start_folds(bench, folds, pairs, ready)
        rival_runs = start_rivals(bench, pairs) if rivals else {}
        rows.append(shipped(bench, GOLD, started["gold"], sets))
        if fold_runs:
            rows.insert(0, cross_validated(bench, folds, fold_runs, ready))
        rows.extend(rival_rows(pairs, rival_runs))
        print(f"\ngold, {len(pairs)} pairs in {len(GOLD.articles)} sets", *table(rows), NOTES, sep="\n")


def hold(floors: dict[str, gate.Pinned], bench: Bench, corpora: Sequence[Corpus], *, update: bool) -> bool:
    """Print how every figure stands to its floor, or pin better ones; return whether all hold."""
    if update:
        for corpus in corpora:
            found = gate.hashes(corpus.files)
            floors[corpus.name] = gate.raised(corpus.name, floors.get(corpus.name), found, bench.reached[corpus.name])
        gate.write_floors(floors)
    held = True
    for corpus in corpora:
        for verdict in gate.judge(corpus.name, floors.get(corpus.name), bench.reached[corpus.name]):
            print(f"  {corpus.name:5} {verdict}")
            held = held and verdict.holds
    return held


def main() -> None:
    """Measure, print, hold the floors; exit 1 if one is broken, 2 if the corpus changed."""
    options = argparse.ArgumentParser(description="Matching on labelled pairs, beside rivals, against pinned floors.")
    options.add_argument("--quick", action="store_true", help="the shipped model only: no folds, no rivals")
    options.add_argument("--no-rivals", action="store_true", help="leave the rivals out")
    options.add_argument("--update", action="store_true", help="pin figures that got better; lowers none")
    options.add_argument("--stories", type=Path, help=f"keep models, stories and {OUTCOMES} in this folder")
    asked = options.parse_args()
    start = time.perf_counter()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # so that a log shows how far the run is
    corpora = [*OURS, GOLD] if GOLD.pairs.exists() else list(OURS)
    floors = gate.read_floors()
    try:
        for corpus in corpora:
            gate.check_corpus(corpus.name, floors.get(corpus.name), gate.hashes(corpus.files))
    except gate.FloorError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    print(*header(corpora), sep="\n")
    if GOLD not in corpora:
        print(
            "gold      left out: ../shared/gold is not beside this checkout; the small sets of our own are all there is"
        )
    with tempfile.TemporaryDirectory() as temporary, ProcessPoolExecutor(os.cpu_count()) as pool:
        folder: Path = asked.stories or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(folder, pool)
        measure(bench, corpora, quick=asked.quick, rivals=not (asked.quick or asked.no_rivals))
    print(f"\nfloors{' (updated)' if asked.update else ''}")
    try:
        held = hold(floors, bench, corpora, update=asked.update)
    except gate.FloorError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    print(f"\n{time.perf_counter() - start:.0f} s; {'all floors hold' if held else 'FAILED: a floor is broken'}")
    if not held:
        sys.exit(1)


if __name__ == "__main__":
    main()
