"""Train the pair model on the labelled pairs and write it with its training record.

usage: python benchmarks/train.py [--out FILE]

Reads ../shared/gold (see its README: the labels are by a language model, checked twice, not by a person). The trees are
trained with scikit-learn and written as plain arrays, so that the package evaluates them with numpy alone. The same
data, versions and command give the same bytes. Cross-validation is by event (`folds`), so that no article is in both
training and test; it is about pairs alone, without clustering. `make quality` has the figures of stories.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from figures import is_relation_right, read_pairs, read_rows
from folds import FOLDS, select_training_pairs, split_by_event
from in_memory import count_recurring_lines
from newsdedup.clean import clean
from newsdedup.config import Config
from newsdedup.features import ReportFeatures, SentencePreparer, build_features
from newsdedup.idf import load_idf_table
from newsdedup.readers import load, resolve_ids
from newsdedup.score import SIGNAL_NAMES, Evidence, measure_ordered, order_pair
from newsdedup.score.model import FORMAT, SCALE, VERSION, parse_model
from newsdedup.score.relation import classify_relation

Floats = NDArray[np.float64]

GOLD = Path(__file__).parent.parent.parent / "shared" / "gold"
OUT = Path(__file__).parent.parent / "src" / "newsdedup" / "data" / "model.json"
SETS = ("web2025", "wire1987", "usnews", "bbc2004")
# Small trees with a low learning rate, each split over a random third of the signals. Depth 2, so that a tree combines
# at most two signals: over 5, 8 and 10 folds that was as good as depth 3 and better than 4. Leaves of 5 or 15 pairs,
# and 100 to 200 rounds, changed F1 by less than the choice of folds does.
TREES: dict[str, Any] = {
    "max_iter": 150,
    "learning_rate": 0.07,
    "max_depth": 2,
    "min_samples_leaf": 10,
    "max_features": 0.35,
    "l2_regularization": 1.0,
    "early_stopping": False,
}
# Number of models with different random seeds that are averaged: with few labels a single one depends on its seed.
BAGS = 5

# Log-odds of a signal of value 1 outside the trees. Vetoes: only one of the labelled duplicates has one, so a fitted
# weight would only reflect the regularisation. Days apart: nearly all labelled pairs have no dates or are of one day,
# so the weight is set and not fitted; a month costs 1.7 and a year 3 of the log-odds, never enough to block.
VETOES = {"template": -20.0, "frame": -20.0}
# The trees are still trained on pairs with the `series` veto: without these few pairs the cross-validated F1 of stories
# (`make quality`) was .915, with them .925.
LINEAR = {**VETOES, "series": -20.0, "days_apart": -0.5}


def build_set_features(path: Path) -> list[ReportFeatures]:
    """Return the features of every article of one file, in content order, as in the pipeline."""
    idf_table = load_idf_table()
    articles = resolve_ids(load([path], Config())).articles
    table, preparer = count_recurring_lines(articles), SentencePreparer(idf_table)
    return [build_features(clean(article, table, idf_table), preparer) for article in articles]


def build_all_features() -> dict[str, ReportFeatures]:
    """Return the features of every article of every set, by article id."""
    all_features = (report_features for name in SETS for report_features in build_set_features(GOLD / f"{name}.jsonl"))
    return {report_features.report.article.article_id: report_features for report_features in all_features}


def load_training_pairs(
    features: Mapping[str, ReportFeatures],
) -> tuple[list[dict[str, Any]], list[Evidence], Floats, Floats]:
    """Return the labelled pairs with a report on both sides, their evidence, signals (n, s) and labels (n,), 0 or 1."""
    pairs = [json.loads(line) for line in (GOLD / "pairs.jsonl").open(encoding="utf-8")]
    pairs = [pair for pair in pairs if all(len(features[pair[side]].sentences) for side in "ab")]
    evidence = [measure_ordered(features[pair["a"]], features[pair["b"]]) for pair in pairs]
    return (
        pairs,
        evidence,
        np.stack([pair_evidence.values for pair_evidence in evidence]),
        np.array([float(p["duplicate"]) for p in pairs]),
    )


def fit_trees(signals: Floats, labels: Floats) -> dict[str, Any]:
    """Train the trees; return the model as in its file: all trees in one set of arrays, in millionths of log-odds.

    Pairs with a veto are not used for training, nor are the linear signals.
    """
    tree_signals = [i for i, name in enumerate(SIGNAL_NAMES) if name not in LINEAR]
    is_unvetoed = ~(signals[:, [SIGNAL_NAMES.index(name) for name in VETOES]] > 0).any(axis=1)
    nodes: dict[str, list[Any]] = {"feature": [], "threshold": [], "low": [], "high": [], "value": []}
    roots: list[int] = []
    for seed in range(BAGS):
        with threadpool_limits(limits=1):  # the same sums on every machine; a second core gains nothing on so few pairs
            trees_model = HistGradientBoostingClassifier(random_state=seed, **TREES).fit(
                signals[is_unvetoed][:, tree_signals], labels[is_unvetoed]
            )
        roots.append(_append_leaf(nodes, float(trees_model._baseline_prediction.item()) / BAGS))  # noqa: SLF001 - no public API
        for (tree,) in trees_model._predictors:  # noqa: SLF001 - no public API for these trees
            roots.append(_append_tree(nodes, tree.nodes, 0, tree_signals))
    return {"linear": LINEAR, "roots": roots, "nodes": nodes}


def _append_leaf(nodes: dict[str, list[Any]], value: float) -> int:
    index = len(nodes["value"])
    for key, entry in (
        ("feature", 0),
        ("threshold", 0.0),
        ("low", index),
        ("high", index),
        ("value", round(value * SCALE)),
    ):
        nodes[key].append(entry)
    return index


def _append_tree(nodes: dict[str, list[Any]], tree: Any, node_index: int, tree_signals: list[int]) -> int:
    """Append a node of a tree and its subtree; the value of an inner node is the mean over its training pairs."""
    node, index = tree[node_index], _append_leaf(nodes, float(tree[node_index]["value"]) / BAGS)
    if not node["is_leaf"]:
        nodes["feature"][index] = tree_signals[int(node["feature_idx"])]
        # Signals have four decimals, so a threshold between two values is moved to their middle.
        nodes["threshold"][index] = round(float(np.floor(round(float(node["num_threshold"]) * 1e4, 6))) / 1e4 + 5e-5, 5)
        low, high = (_append_tree(nodes, tree, int(node[side]), tree_signals) for side in ("left", "right"))
        nodes["low"][index], nodes["high"][index] = low, high
        weights = [int(tree[int(node[side])]["count"]) for side in ("left", "right")]
        mean = (nodes["value"][low] * weights[0] + nodes["value"][high] * weights[1]) / sum(weights)
        nodes["value"][index] = round(mean)
    return index


def write_model(out_path: Path, signals: Floats, labels: Floats, training: dict[str, Any]) -> None:
    """Fit a model and write it with its training record, in the format of `--model`."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "training": training,
        "signals": list(SIGNAL_NAMES),
        **fit_trees(signals, labels),
    }
    text = json.dumps(document, indent=1)
    # Each long array on one line, so that the record above them stays readable.
    text = re.sub(r"\[\s+([-\d.,\s]+?)\s+\]", lambda match: "[" + re.sub(r"\s+", "", match[1]) + "]", text)
    out_path.write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Load the pairs, cross-validate, fit on all, write."""
    options = argparse.ArgumentParser()
    options.add_argument("--out", type=Path, default=OUT)
    out_path: Path = options.parse_args().out
    features = build_all_features()
    pairs, evidence, signals, labels = load_training_pairs(features)
    all_pairs = read_pairs(GOLD / "pairs.jsonl")
    event_of = {row["id"]: row["event"] for row in read_rows(GOLD / "events.jsonl")}
    folds = split_by_event(all_pairs, event_of)
    index_of = {(pair.a, pair.b): i for i, pair in enumerate(all_pairs)}
    pair_indices = [index_of[pair["a"], pair["b"]] for pair in pairs]
    fold = np.array(folds.fold_of_pair)[pair_indices]
    probability = np.zeros(len(labels))
    for k in range(folds.count):
        is_training = np.array(select_training_pairs(all_pairs, event_of, folds, k))[pair_indices]
        model = parse_model(
            {
                "format": FORMAT,
                "version": VERSION,
                "signals": SIGNAL_NAMES,
                **fit_trees(signals[is_training], labels[is_training]),
            }
        )
        probability[fold == k] = model.predict_probability(signals[fold == k])
    relations = np.array([pair["relation"] for pair in pairs])
    figures = summarise(labels > 0, probability, relations)
    print(f"pairs alone, cross-validated by event in {FOLDS} folds: {figures}")
    predicted = [
        classify_relation(*order_pair(features[pair["a"]], features[pair["b"]]), pair_evidence)[0].value
        for pair, pair_evidence in zip(pairs, evidence, strict=True)
    ]
    right_count = sum(
        is_relation_right(pair_evidence, pair["relation"])
        for pair_evidence, pair in zip(predicted, pairs, strict=True)
        if pair["duplicate"]
    )
    print(f"relation right: {right_count} of {int(labels.sum())} labelled duplicates")
    for relation in sorted(set(predicted)):
        has_relation = np.array(predicted) == relation
        bands = ((0.5, 0.9), (0.9, 2.0))
        band_labels = [labels[has_relation & (low <= probability) & (probability < high)] for low, high in bands]
        print(
            f"predicted {relation}: duplicates at .5 to .9 {_format_share(band_labels[0])}, "
            f"from .9 on {_format_share(band_labels[1])}"
        )
    training = {
        "data": "the labelled pairs of shared/gold: labels by a language model, each pair read twice",
        "pairs": len(pairs),
        "sha256": {
            name: hashlib.sha256((GOLD / f"{name}.jsonl").read_bytes()).hexdigest() for name in ("pairs", *SETS)
        },
        "command": "make train",
        "trees": {**TREES, "bags": BAGS},
        "versions": {"numpy": np.__version__, "scikit-learn": sklearn.__version__},
        "cross_validated": figures,
    }
    write_model(out_path, signals, labels, training)
    print(f"{out_path.stat().st_size} bytes -> {out_path.name}")


def _format_share(labels: Floats) -> str:
    return f"{int(labels.sum())} of {len(labels)}"


def summarise(duplicate: NDArray[np.bool_], probability: Floats, relations: NDArray[np.str_]) -> dict[str, float]:
    """Return F1 and log loss over pairs, and the numbers of merged rewrites and wrongly merged pairs, at .5."""
    is_merged = probability >= 0.5
    hits = int((is_merged & duplicate).sum())
    clipped = np.clip(probability, 1e-4, 1 - 1e-4)
    return {
        "f1": round(2 * hits / int(is_merged.sum() + duplicate.sum()), 4),
        "log_loss": round(float(-np.mean(np.where(duplicate, np.log(clipped), np.log(1 - clipped)))), 4),
        "rewrites": int((is_merged & (relations == "rewrite")).sum()),
        "wrong": int((is_merged & ~duplicate).sum()),
    }


if __name__ == "__main__":
    main()
