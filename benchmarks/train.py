"""Train the pair model on the labelled pairs and write it with its training record.

usage: python benchmarks/train.py [--out FILE]

Reads ../shared/gold (see its README: the labels are a language model's, read twice, not a person's). Cross-validation
is over groups, so that no event and no article stands on both sides.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdedup.background import load_background
from newsdedup.clean import clean, count_lines
from newsdedup.config import Config
from newsdedup.load import identify, load
from newsdedup.profile import Profile, WordHasher, profile
from newsdedup.score import NAMES, Evidence, Model, measure_ordered
from newsdedup.score.model import FORMAT, VERSION
from newsdedup.score.relation import relate

Floats = NDArray[np.float64]

GOLD = Path(__file__).parent.parent.parent / "shared" / "gold"
OUT = Path(__file__).parent.parent / "src" / "newsdedup" / "data" / "model.json"
SETS = ("web2025", "wire1987", "usnews", "bbc2004")
FOLDS = 8
RIDGE = 1.0  # of 0.3, 1, 3 and 10 the one with the lowest cross-validated log loss

# Log-odds of a signal that is a veto. One of the labelled duplicates shows one, so a fitted weight would say no more
# than how strong the ridge is.
VETOES = {"template": -20.0, "frame": -20.0}


def profiles_of(path: Path) -> list[Profile]:
    """Return the profile of every article of a file read by itself, in content order, as the pipeline has them."""
    background = load_background()
    articles = identify(load([path], Config())).articles
    table, hasher = count_lines(articles), WordHasher()
    return [profile(clean(article, table, background), background, hasher) for article in articles]


def profiles() -> dict[str, Profile]:
    """Return the profile of every article of every set, by article id."""
    every = (each for name in SETS for each in profiles_of(GOLD / f"{name}.jsonl"))
    return {each.report.article.article_id: each for each in every}


def labelled(ready: Mapping[str, Profile]) -> tuple[list[dict[str, Any]], list[Evidence], Floats, Floats]:
    """Return the labelled pairs with a report on both sides, evidence, signals (n, signals) and labels (n,), 0 or 1."""
    pairs = [json.loads(line) for line in (GOLD / "pairs.jsonl").open(encoding="utf-8")]
    pairs = [pair for pair in pairs if all(len(ready[pair[side]].sentences) for side in "ab")]
    evidence = [measure_ordered(ready[pair["a"]], ready[pair["b"]]) for pair in pairs]
    return (
        pairs,
        evidence,
        np.stack([each.values for each in evidence]),
        np.array([float(p["duplicate"]) for p in pairs]),
    )


def groups(pairs: list[dict[str, Any]]) -> list[int]:
    """Return a group per pair: pairs that share an article or an event, however far apart, are of one group."""
    event = {row["id"]: row["event"] for row in map(json.loads, (GOLD / "events.jsonl").open(encoding="utf-8"))}
    parent: dict[str, str] = {}

    def root(x: str) -> str:
        while parent.setdefault(x, x) != x:
            x = parent[x]
        return x

    for pair in pairs:
        parent[root(event.get(pair["a"], pair["a"]))] = root(event.get(pair["b"], pair["b"]))
    roots = [root(event.get(pair["a"], pair["a"])) for pair in pairs]
    number = {name: i for i, name in enumerate(sorted(set(roots)))}
    return [number[name] for name in roots]


def fit(x: Floats, y: Floats) -> tuple[float, Floats, Floats, Floats]:
    """Fit a ridge logistic regression by Newton's method; returns bias, weights, mean and spread of the signals.

    A veto is no matter of degree: its weight is given, and the others are fitted around it.
    """
    mean, spread = x.mean(axis=0), x.std(axis=0)
    spread[spread == 0] = 1.0  # a signal that never varies gets no weight
    veto = np.array([name in VETOES for name in NAMES])
    mean[veto], spread[veto] = 0.0, 1.0
    given = np.array([VETOES.get(name, 0.0) for name in NAMES])
    z = np.hstack([np.ones((len(x), 1)), np.where(veto, 0.0, (x - mean) / spread)])
    offset = x @ given
    penalty = np.diag([0.0] + [RIDGE] * x.shape[1])
    beta = np.zeros(z.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-z @ beta - offset))
        step = np.linalg.solve(z.T @ (z * (p * (1 - p))[:, None]) + penalty, z.T @ (y - p) - penalty @ beta)
        beta += step
        if np.abs(step).max() < 1e-10:
            break
    return float(beta[0]), np.where(veto, given, beta[1:]), mean, spread


def folds_of(groups: list[int]) -> list[int]:
    """Return a fold per pair, whole groups together, the largest groups first into the emptiest fold."""
    sizes = collections.Counter(groups)
    load, home = [0] * FOLDS, {}
    for group, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        home[group] = load.index(min(load))
        load[home[group]] += size
    return [home[group] for group in groups]


def write_model(out: Path, x: Floats, y: Floats, training: dict[str, Any]) -> None:
    """Fit the signals to the labels and write the model, with its training record, as `--model` reads it."""
    bias, weights, mean, spread = fit(x, y)
    document = {
        "format": FORMAT,
        "version": VERSION,
        "training": training,
        "signals": list(NAMES),
        "bias": round(bias, 6),
        "weights": [round(float(w), 6) for w in weights],
        "mean": [round(float(m), 6) for m in mean],
        "spread": [round(float(s), 6) for s in spread],
    }
    out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Measure the pairs, cross-validate, fit on all, write."""
    options = argparse.ArgumentParser()
    options.add_argument("--out", type=Path, default=OUT)
    out: Path = options.parse_args().out
    ready = profiles()
    pairs, evidence, x, y = labelled(ready)
    fold = np.array(folds_of(groups(pairs)))
    probability = np.zeros(len(y))
    for k in range(FOLDS):
        probability[fold == k] = Model(*fit(x[fold != k], y[fold != k])).probability(x[fold == k])
    relations = np.array([pair["relation"] for pair in pairs])
    figures = summary(y > 0, probability, relations)
    print(f"pairs alone, cross-validated by event in {FOLDS} folds: {figures}")
    right = sum(
        relate(ready[pair["a"]], ready[pair["b"]], found)[0].value.replace("identical", "reprint")
        in pair["relation"].split("|")
        for pair, found in zip(pairs, evidence, strict=True)
        if pair["duplicate"]
    )
    print(f"relation right: {right} of {int(y.sum())} labelled duplicates")
    training = {
        "data": "the labelled pairs of shared/gold: labels by a language model, each pair read twice",
        "pairs": len(pairs),
        "sha256": {
            name: hashlib.sha256((GOLD / f"{name}.jsonl").read_bytes()).hexdigest() for name in ("pairs", *SETS)
        },
        "command": "make train",
        "ridge": RIDGE,
        "cross_validated": figures,
    }
    write_model(out, x, y, training)
    print(f"{out.stat().st_size} bytes -> {out.name}")


def summary(duplicate: NDArray[np.bool_], probability: Floats, relations: NDArray[np.str_]) -> dict[str, float]:
    """Return F1 and log loss over pairs, the rewrites found and the pairs wrongly called duplicates, at .5."""
    called = probability >= 0.5
    hit = int((called & duplicate).sum())
    sure = np.clip(probability, 1e-4, 1 - 1e-4)
    return {
        "f1": round(2 * hit / int(called.sum() + duplicate.sum()), 4),
        "log_loss": round(float(-np.mean(np.where(duplicate, np.log(sure), np.log(1 - sure)))), 4),
        "rewrites": int((called & (relations == "rewrite")).sum()),
        "wrong": int((called & ~duplicate).sum()),
    }


if __name__ == "__main__":
    main()
