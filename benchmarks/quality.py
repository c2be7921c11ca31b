"""Quality of the matching on labelled pairs, end to end, compared with rivals and with pinned floors.

usage: python benchmarks/quality.py [--quick] [--no-rivals] [--update] [--stories FOLDER]

Uses ../shared/gold if it exists (811 pairs, labels by a language model, see its README), and always the two small
labelled sets in tests/data, which are our own and on which no model is fitted. Every figure is about stories:
`newsdedup ingest` runs as users run it, each set by itself as it was labelled, and two articles count as merged if they
end in one story.

*Cross-validated*: the events are split into ten folds (`folds`). For each fold a model is fitted on the pairs that
share no article with the fold's, written to a file and passed to `newsdedup ingest --model`; only the fold's pairs are
scored, and the outcomes of all folds are pooled into one figure. A set without a pair in a fold is not ingested for it.
*In sample*: the shipped model, which was fitted on these pairs: optimistic, a guard against regressions.

B-cubed precision over events (web2025): every article is evaluated in the fold of its event, on its whole story under
that fold's model, whatever the events of the other members; the mean over all articles of all folds.

Exits with 1 if a figure is below its floor (floors.json, see `gate`), with 2 if the corpus is not that of the floors.
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
from figures import Count, Figures, LabelledPair, Purity, compute_bcubed, is_relation_right, read_pairs, read_rows
from folds import Folds, select_training_pairs, split_by_event
from newsdedup.candidates import find_candidates
from newsdedup.cli import main as newsdedup
from newsdedup.config import Config
from newsdedup.evaluation import read_statements, read_stories, score_statements
from newsdedup.features import ReportFeatures
from newsdedup.fingerprint import fingerprint
from newsdedup.idf import load_idf_table
from newsdedup.models.evaluation import StatementFigures
from newsdedup.prefilter import passes_prefilter
from newsdedup.readers import load, resolve_ids
from newsdedup.score import load_model, score
from rivals import RIVALS, Floats, PairIndices, find_best_threshold

ROOT = Path(__file__).parent.parent
OUTCOMES = "cross-validated.jsonl"  # with --stories: each pair, its fold, whether it was merged
PACKAGES = ("newsdedup", "numpy", "rapidfuzz", "scikit-learn", "scipy", "datasketch")

PAIRING_MEMORY = 1 << 30  # bytes

StoryOfArticle = dict[str, tuple[str, int]]
"""Article id -> its story: the output file of the set and the index of the story in it."""


@dataclass(frozen=True)
class Corpus:
    """Labelled pairs and the files with their articles; each file is ingested by itself."""

    name: str
    pairs: Path
    articles: tuple[Path, ...]
    events: Path | None = None
    statements: Path | None = None

    @property
    def files(self) -> list[Path]:
        """Return all files on which the figures depend."""
        return [self.pairs, *self.articles, *filter(None, [self.events, self.statements])]

    def read_events(self) -> dict[str, str]:
        """Return the event of each article, empty if the corpus has no events."""
        return {row["id"]: row["event"] for row in read_rows(self.events)} if self.events else {}


OWN_CORPORA = (
    Corpus("own", ROOT / "tests/data/labelled_pairs.jsonl", (ROOT / "tests/data/labelled.jsonl",)),
    Corpus("wire", ROOT / "tests/data/wire_pairs.jsonl", (ROOT / "tests/data/wire.jsonl",)),
)
GOLD = Corpus(
    "gold",
    train.GOLD / "pairs.jsonl",
    tuple(train.GOLD / f"{name}.jsonl" for name in train.SETS),
    train.GOLD / "events.jsonl",
    train.GOLD / "statements.jsonl",
)


@dataclass(frozen=True)
class Row:
    """One line of the table: a method, its figures, and its CPU seconds for one run over all sets."""

    name: str
    figures: Figures
    seconds: float


@dataclass
class Bench:
    """A run of the benchmark: output folder, process pool, and the figures with a floor measured so far, by corpus."""

    folder: Path
    pool: ProcessPoolExecutor
    measured: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)

    def start_ingests(
        self, articles: Sequence[Path], label: str, model: Path | None = None
    ) -> list[Future[tuple[Path, float]]]:
        """Start one `newsdedup ingest` for each file, the largest first."""
        largest_first = sorted(articles, key=lambda path: -path.stat().st_size)
        out_paths = {path: self.folder / f"{path.stem}.{label}.jsonl" for path in largest_first}
        return [self.pool.submit(run_ingest, path, out_path, model) for path, out_path in out_paths.items()]


def run_ingest(articles: Path, out_path: Path, model: Path | None) -> tuple[Path, float]:
    """Run `newsdedup ingest` on one core; return the path of the stories and the CPU seconds."""
    model_options = ["--model", str(model)] if model else []
    start = time.process_time()
    code = newsdedup(
        ["ingest", str(articles), "--format", "jsonl", "-o", str(out_path), "--quiet", "--workers", "1", *model_options]
    )
    if code:
        raise RuntimeError(f"newsdedup ingest {articles.name} exited with {code}")
    return out_path, time.process_time() - start


def run_rival(key: str, articles: Path, labelled_pairs: Sequence[tuple[str, str]]) -> tuple[Floats, float]:
    """Run a rival on the titles and texts of one set; return the levels of the pairs and the CPU seconds."""
    loaded = resolve_ids(load([articles], Config())).articles
    index_of = {article.article_id: i for i, article in enumerate(loaded)}
    texts = [f"{article.title or ''}\n{article.text}" for article in loaded]
    pair_indices: PairIndices = [(index_of[a], index_of[b]) for a, b in labelled_pairs]
    with threadpool_limits(limits=1):
        start = time.process_time()
        levels = RIVALS[key].levels(texts, pair_indices)
        return levels, time.process_time() - start


def wait_for_stories(ingests: Sequence[Future[tuple[Path, float]]]) -> tuple[StoryOfArticle, float]:
    """Wait for the ingests; return the story of each article and the total CPU seconds."""
    story_of: StoryOfArticle = {}
    seconds = 0.0
    for path, spent in (ingest.result() for ingest in ingests):
        seconds += spent
        for number, story in enumerate(read_rows(path)):
            for variant in story["variants"]:
                story_of[variant["article_id"]] = (path.name, number)
    return story_of, seconds


def are_merged(pairs: Sequence[LabelledPair], story_of: StoryOfArticle) -> list[bool]:
    """Return for each pair whether both articles are in one story."""
    return [story_of[pair.a] == story_of[pair.b] for pair in pairs]


def count_right_relations(
    pairs: Sequence[LabelledPair], merged: Sequence[bool], features: Mapping[str, ReportFeatures], model: Path | None
) -> Count:
    """Predict the relation of each labelled duplicate that was merged; count those that fit the label."""
    merged_duplicates = [p for p, is_merged in zip(pairs, merged, strict=True) if is_merged and p.duplicate]
    scorer = load_model(model)
    with_reports = [p for p in merged_duplicates if len(features[p.a].sentences) and len(features[p.b].sentences)]
    is_right = (
        is_relation_right(score(features[p.a], features[p.b], scorer).relation.value, p.relation) for p in with_reports
    )
    return Count(sum(is_right), len(merged_duplicates))


def are_candidates(pairs: Sequence[LabelledPair], sets: Sequence[Sequence[ReportFeatures]]) -> list[bool]:
    """Return for each pair whether stages 3 to 4b keep it as a candidate pair or find both reports to be one text."""
    text_group: dict[str, tuple[int, int]] = {}
    candidate_pairs: set[tuple[tuple[int, int], tuple[int, int]]] = set()
    idf_table = load_idf_table()
    for set_index, set_features in enumerate(sets):
        columns = fingerprint([report_features.report for report_features in set_features], idf_table)
        _, first_indices, group_indices = np.unique(columns.text_keys, axis=0, return_index=True, return_inverse=True)
        text_group.update(
            (report_features.report.article.article_id, (set_index, int(first_indices[group_index])))
            for report_features, group_index in zip(set_features, group_indices, strict=True)
        )
        representatives = np.sort(first_indices)
        chunks = [(representatives, columns.shingles.take(representatives))]
        with tempfile.TemporaryDirectory() as folder:
            pairs_found = find_candidates(chunks, len(set_features), PAIRING_MEMORY, Path(folder))
        pairs_of_set = pairs_found[passes_prefilter(pairs_found, columns.stems, columns.shingles, idf_table)]
        candidate_pairs.update(((set_index, int(i)), (set_index, int(j))) for i, j in pairs_of_set)
    ends = [sorted((text_group[p.a], text_group[p.b])) for p in pairs]
    return [a == b or (a, b) in candidate_pairs for a, b in ends]


def index_by_id(sets: Sequence[Sequence[ReportFeatures]]) -> dict[str, ReportFeatures]:
    """Return the features of all sets by article id."""
    return {
        report_features.report.article.article_id: report_features
        for set_features in sets
        for report_features in set_features
    }


def select_floor_figures(figures: Figures, relation: Count) -> dict[str, float]:
    """Return the figures that have a floor."""
    return {
        "f1": figures.f1,
        "wrong": figures.wrong_merges.part,
        "rewrites": figures.count_merged("rewrite").part,
        "relation": relation.share,
    }


def select_canonical_figures(figures: StatementFigures) -> dict[str, float]:
    """Return the figures of canonical articles that have a floor; `unlisted` statements are nowhere in the output."""
    return {
        "boilerplate": figures.boilerplate,
        "repeated": figures.repeated,
        "unlisted": figures.lost - figures.listed / max(figures.statements, 1),
        "base_right": figures.base_right,
    }


def format_canonical(figures: StatementFigures) -> Iterator[str]:
    """Yield the figures of canonical articles."""
    yield (
        f"  canonical articles of {figures.stories} stories: boilerplate {figures.boilerplate:.3f} of the words, "
        f"repeated {figures.repeated:.3f} of the sentences ({figures.repeated_in_best:.3f} in the best variant), lost "
        f"{figures.lost:.3f} of {figures.statements} statements ({figures.listed} of them listed), base right "
        f"{figures.base_right} of {figures.stories}"
    )


def format_breakdown(figures: Figures, relation: Count) -> Iterator[str]:
    """Yield a line for each set and for each kind of merge."""
    sets = sorted({pair.set for pair in figures.pairs})
    for name in sets if len(sets) > 1 else []:
        set_figures = figures.select_set(name)
        low, high = set_figures.f1_interval
        yield (
            f"  {name:10} {len(set_figures.pairs):3} pairs  F1 {set_figures.f1:.3f} [{low:.3f}, {high:.3f}]  precision "
            f"{set_figures.precision:.3f}  recall {set_figures.recall:.3f}  wrong merges {set_figures.wrong_merges}"
        )
    for duplicate in (True, False):
        names = sorted({pair.relation for pair in figures.pairs if pair.duplicate == duplicate})
        counts = ", ".join(f"{name} {figures.count_merged(name)}" for name in names)
        yield f"  {'duplicates merged' if duplicate else 'wrongly merged'}: {counts}"
    yield f"  relation right: {relation} merged duplicates ({relation.share:.1%})"


def format_purity(purity: Purity) -> Iterator[str]:
    """Yield the B-cubed precision and a line for each story that mixes events, with its file and line."""
    yield f"  B-cubed precision over events: {purity.precision:.4f}; stories that mix events: {len(purity.mixed)}"
    mixed = cast(
        "Mapping[tuple[str, int], Mapping[str, int]]", purity.mixed
    )  # stories are keyed as in `StoryOfArticle`
    for (file, line), events in sorted(mixed.items(), key=lambda item: item[0]):
        counts = ", ".join(
            f"{count} of {event}" for event, count in sorted(events.items(), key=lambda x: (-x[1], x[0]))
        )
        yield f"    {file} line {line + 1}: {counts}"


def format_table(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield f"{'':52} {'F1 [95 %]':20} {'precision':>9} {'recall':>7} {'rewrites':>9} {'wrong':>8} {'CPU s':>6}"
    for row in rows:
        figures = row.figures
        low, high = figures.f1_interval
        rewrites, wrong = figures.count_merged("rewrite"), figures.wrong_merges
        yield (
            f"{row.name:52} {f'{figures.f1:.3f} [{low:.3f}, {high:.3f}]':20} {figures.precision:9.3f} "
            f"{figures.recall:7.3f} {f'{rewrites.part}/{rewrites.total}':>9} {f'{wrong.part}/{wrong.total}':>8} "
            f"{row.seconds:6.0f}"
        )


def measure_shipped(
    bench: Bench,
    corpus: Corpus,
    ingests: Sequence[Future[tuple[Path, float]]],
    sets: Sequence[Sequence[ReportFeatures]],
) -> Row:
    """Measure the shipped model and the candidates on a corpus; print details, store the figures that have a floor."""
    pairs = read_pairs(corpus.pairs)
    story_of, seconds = wait_for_stories(ingests)
    figures = Figures(pairs, are_merged(pairs, story_of))
    relation = count_right_relations(pairs, figures.merged, index_by_id(sets), None)
    measured = bench.measured.setdefault(corpus.name, {})
    measured["shipped"] = select_floor_figures(figures, relation)
    print(f"\n{corpus.name}, shipped model{', in sample' if corpus is GOLD else ''}")
    print(*format_breakdown(figures, relation), sep="\n")
    if events := corpus.read_events():
        purity = compute_bcubed(events, story_of, events)
        measured["shipped"]["bcubed"] = purity.precision
        print(*format_purity(purity), sep="\n")
    if corpus.statements is not None:
        paths = [ingest.result()[0] for ingest in ingests]
        rows = [story for path in paths for story in read_stories(str(path))]
        canonical = score_statements(read_statements(str(corpus.statements)), rows)
        measured["canonical"] = select_canonical_figures(canonical)
        print(*format_canonical(canonical), sep="\n")
    candidate_figures = Figures(pairs, are_candidates(pairs, sets))
    duplicates = Count(
        sum(is_found for p, is_found in zip(pairs, candidate_figures.merged, strict=True) if p.duplicate),
        sum(p.duplicate for p in pairs),
    )
    rewrites = candidate_figures.count_merged("rewrite")
    measured["candidates"] = {"recall": duplicates.share, "recall_rewrites": rewrites.share}
    print(
        f"  candidate recall (independent of the model): duplicates {duplicates} ({duplicates.share:.1%}), "
        f"rewrites {rewrites} ({rewrites.share:.1%})"
    )
    return Row("newsdedup, shipped model" + (" (in sample)" if corpus is GOLD else ""), figures, seconds)


@dataclass(frozen=True)
class FoldRun:
    """The model of one fold and the ingests started with it."""

    model: Path
    training_pairs: int
    ingests: Sequence[Future[tuple[Path, float]]]


def start_folds(
    bench: Bench, folds: Folds, pairs: Sequence[LabelledPair], features: Mapping[str, ReportFeatures]
) -> list[FoldRun]:
    """Fit a model for each fold and start to ingest, with it, every set that has a pair or an event in the fold."""
    labelled_pairs, _, signals, labels = train.load_training_pairs(features)
    index_of = {(pair.a, pair.b): i for i, pair in enumerate(pairs)}
    pair_indices = [index_of[row["a"], row["b"]] for row in labelled_pairs]
    event_of, runs = GOLD.read_events(), []
    with_events = {pair.set for pair in pairs if pair.a in event_of}  # every fold has events to evaluate
    for k in range(folds.count):
        is_training = np.array(select_training_pairs(pairs, event_of, folds, k))[pair_indices]
        model = bench.folder / f"fold-{k}.json"
        train.write_model(
            model, signals[is_training], labels[is_training], {"fold": k, "pairs": int(is_training.sum())}
        )
        sets = with_events | {pair.set for pair, fold in zip(pairs, folds.fold_of_pair, strict=True) if fold == k}
        files = [path for path in GOLD.articles if path.stem in sets]
        runs.append(FoldRun(model, int(is_training.sum()), bench.start_ingests(files, f"fold-{k}", model)))
    return runs


def measure_cross_validated(
    bench: Bench, folds: Folds, runs: Sequence[FoldRun], features: Mapping[str, ReportFeatures]
) -> Row:
    """Pool the folds; print details, store the figures that have a floor."""
    pairs, events = read_pairs(GOLD.pairs), GOLD.read_events()
    merged = [False] * len(pairs)
    right = total = 0
    seconds, purity = 0.0, Purity(0.0, 0, {})
    print(f"\ngold, cross-validated over events, {folds.count} folds pooled")
    for k, run in enumerate(runs):
        story_of, seconds_spent = wait_for_stories(run.ingests)
        fold_pairs = [i for i, fold in enumerate(folds.fold_of_pair) if fold == k]
        for i, is_merged in zip(fold_pairs, are_merged([pairs[i] for i in fold_pairs], story_of), strict=True):
            merged[i] = is_merged
        relation = count_right_relations(
            [pairs[i] for i in fold_pairs], [merged[i] for i in fold_pairs], features, run.model
        )
        right, total, seconds = right + relation.part, total + relation.total, seconds + seconds_spent
        fold_articles = [article for article, event in events.items() if folds.fold_of_key[event] == k]
        purity += compute_bcubed(fold_articles, story_of, events) if fold_articles else Purity(0.0, 0, {})
        fold_figures = Figures([pairs[i] for i in fold_pairs], [merged[i] for i in fold_pairs])
        print(
            f"  fold {k}: fitted on {run.training_pairs} pairs, scored {len(fold_pairs)}: "
            f"F1 {fold_figures.f1:.3f}, wrong merges {fold_figures.wrong_merges}"
        )
    figures, relation = Figures(pairs, merged), Count(right, total)
    print(*format_breakdown(figures, relation), sep="\n")
    print(*format_purity(purity), sep="\n")
    bench.measured["gold"]["cross_validated"] = {**select_floor_figures(figures, relation), "bcubed": purity.precision}
    with (bench.folder / OUTCOMES).open("w", encoding="utf-8") as outcomes_file:
        for pair, is_merged, fold in zip(pairs, merged, folds.fold_of_pair, strict=True):
            outcomes_file.write(json.dumps({**asdict(pair), "called": is_merged, "fold": fold}) + "\n")
    return Row("newsdedup, cross-validated", figures, seconds / folds.count)


def start_rivals(bench: Bench, pairs: Sequence[LabelledPair]) -> dict[str, list[Future[tuple[Floats, float]]]]:
    """Start every rival on every set of gold."""
    pairs_of_set = {path: [(pair.a, pair.b) for pair in pairs if pair.set == path.stem] for path in GOLD.articles}
    return {
        key: [bench.pool.submit(run_rival, key, path, pairs_of_set[path]) for path in GOLD.articles] for key in RIVALS
    }


def iter_rival_rows(
    pairs: Sequence[LabelledPair], started: Mapping[str, Sequence[Future[tuple[Floats, float]]]]
) -> Iterator[Row]:
    """Wait for the rivals; yield a row for each, at its best threshold on all pairs if it has one."""
    ordered_pairs = [pair for path in GOLD.articles for pair in pairs if pair.set == path.stem]
    duplicate = np.array([pair.duplicate for pair in ordered_pairs])
    for key, parts in started.items():
        results = [run.result() for run in parts]
        levels, seconds = (
            np.concatenate([set_levels for set_levels, _ in results]),
            sum(seconds_spent for _, seconds_spent in results),
        )
        threshold = find_best_threshold(levels, duplicate)
        name = f"{RIVALS[key].name}, at {threshold:.3f}".replace(" 0.", " .") if RIVALS[key].tuned else RIVALS[key].name
        yield Row(name, Figures(ordered_pairs, (levels >= threshold).tolist()), seconds)


def format_header(corpora: Sequence[Corpus]) -> Iterator[str]:
    """Yield what is needed to repeat the run."""
    command = " ".join(["benchmarks/quality.py", *sys.argv[1:]])
    yield f"command   python {command}, {time.strftime('%Y-%m-%d')}"
    yield f"versions  Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    yield f"machine   {platform.system()} {platform.machine()}, {os.cpu_count()} cores{_read_processor()}"
    for corpus in corpora:
        pairs = read_pairs(corpus.pairs)
        pair_counts = f"{len(pairs)} pairs, {sum(pair.duplicate for pair in pairs)} duplicates"
        labels = "labels by a language model, read twice" if corpus is GOLD else "our own short articles and labels"
        yield f"corpus    {corpus.name}: {pair_counts}, in {', '.join(path.name for path in corpus.articles)}; {labels}"


def _read_processor() -> str:
    """Return a comma and the name of the processor, or an empty string if the system does not report it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    return next((", " + line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")


NOTES = """
rewrites, wrong: merged pairs, of all pairs with such a label. CPU s: CPU seconds of one run over all sets, on one core.
Bias: "in sample": the shipped model was fitted on these pairs. All newsdedup rows: signals and rules were developed
with these articles in view. Rivals: each threshold is the best one on these very pairs."""


def measure_all(bench: Bench, corpora: Sequence[Corpus], *, quick: bool, rivals: bool) -> None:
    """Run the chosen parts; print details and tables."""
    ingests = {corpus.name: bench.start_ingests(corpus.articles, "shipped") for corpus in corpora}
    for own_corpus in OWN_CORPORA:
        row = measure_shipped(
            bench,
            own_corpus,
            ingests[own_corpus.name],
            [train.build_set_features(path) for path in own_corpus.articles],
        )
        print(f"\n{own_corpus.name}, {len(row.figures.pairs)} pairs", *format_table([row]), sep="\n")
    if GOLD in corpora:
        if not quick:
            print("\ngold: one ingest of every set for each fold; takes five minutes or more on two idle cores")
        sets = [train.build_set_features(path) for path in GOLD.articles]
        pairs, features, rows = read_pairs(GOLD.pairs), index_by_id(sets), []
        folds = split_by_event(pairs, GOLD.read_events())
        fold_runs = [] if quick else start_folds(bench, folds, pairs, features)
        rival_runs = start_rivals(bench, pairs) if rivals else {}
        rows.append(measure_shipped(bench, GOLD, ingests["gold"], sets))
        if fold_runs:
            rows.insert(0, measure_cross_validated(bench, folds, fold_runs, features))
        rows.extend(iter_rival_rows(pairs, rival_runs))
        print(f"\ngold, {len(pairs)} pairs in {len(GOLD.articles)} sets", *format_table(rows), NOTES, sep="\n")


def check_all_floors(
    floors: dict[str, gate.PinnedFloors], bench: Bench, corpora: Sequence[Corpus], *, update: bool
) -> bool:
    """Print every figure with its floor, after raising floors if `update`; return whether all figures pass."""
    if update:
        for corpus in corpora:
            file_hashes = gate.hash_files(corpus.files)
            floors[corpus.name] = gate.raise_floors(
                corpus.name, floors.get(corpus.name), file_hashes, bench.measured[corpus.name]
            )
        gate.write_floors(floors)
    all_held = True
    for corpus in corpora:
        for check in gate.check_floors(corpus.name, floors.get(corpus.name), bench.measured[corpus.name]):
            print(f"  {corpus.name:5} {check}")
            all_held = all_held and check.is_held
    return all_held


def main() -> None:
    """Measure, print, check the floors; exit with 1 below a floor, with 2 if the corpus changed."""
    parser = argparse.ArgumentParser(
        description="Measure the matching on labelled pairs, with rivals and pinned floors."
    )
    parser.add_argument("--quick", action="store_true", help="measure the shipped model only: no folds, no rivals")
    parser.add_argument("--no-rivals", action="store_true", help="skip the rivals")
    parser.add_argument("--update", action="store_true", help="raise floors to improved figures; never lowers one")
    parser.add_argument("--stories", type=Path, help=f"keep models, stories and {OUTCOMES} in this folder")
    options = parser.parse_args()
    start = time.perf_counter()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # so that a log shows the progress
    corpora = [*OWN_CORPORA, GOLD] if GOLD.pairs.exists() else list(OWN_CORPORA)
    floors = gate.read_floors()
    try:
        for corpus in corpora:
            gate.check_corpus(corpus.name, floors.get(corpus.name), gate.hash_files(corpus.files))
    except gate.FloorError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    print(*format_header(corpora), sep="\n")
    if GOLD not in corpora:
        print("gold      skipped: ../shared/gold is not beside this checkout; only our own small sets are measured")
    with tempfile.TemporaryDirectory() as temporary, ProcessPoolExecutor(os.cpu_count()) as pool:
        folder: Path = options.stories or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(folder, pool)
        measure_all(bench, corpora, quick=options.quick, rivals=not (options.quick or options.no_rivals))
    print(f"\nfloors{' (updated)' if options.update else ''}")
    try:
        all_held = check_all_floors(floors, bench, corpora, update=options.update)
    except gate.FloorError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    outcome = "all floors hold" if all_held else "FAILED: a figure is below its floor"
    print(f"\n{time.perf_counter() - start:.0f} s; {outcome}")
    if not all_held:
        sys.exit(1)


if __name__ == "__main__":
    main()
