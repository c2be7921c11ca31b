"""The model: log-odds from small boosted trees over the signals, in a versioned data file, evaluated with numpy alone.

Every node of a tree stores the log-odds expected there, so the step from a node to its child is the contribution of the
signal tested at the node. A signal's contribution is the sum of its steps over all trees (Saabas 2014); bias and
contributions add up to the log-odds exactly, since all are whole millionths. Vetoes and dates are not in the trees but
have linear weights.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from newsdedup.arrays import Floats, Ints
from newsdedup.errors import ModelError
from newsdedup.score.signals import SIGNAL_NAMES

FORMAT = "newsdedup-model"
VERSION = 3
SCALE = 1_000_000
"""Log-odds are stored as integers in units of 1 / SCALE."""


@dataclass(frozen=True)
class Model:
    """Concatenated trees. Arrays of shape (nodes,) except `roots` (trees,) and `linear` (signals,).

    A value of signal `feature` up to `threshold` goes to node `low`, a larger one to `high`; a leaf leads to itself.
    `value` is the log-odds expected at a node, `linear` what a signal of value 1 adds, both in millionths.
    """

    feature: Ints
    threshold: Floats
    low: Ints
    high: Ints
    value: Ints
    roots: Ints
    linear: Ints

    @cached_property
    def bias(self) -> float:
        """The log-odds before any signal is tested."""
        return int(self.value[self.roots].sum()) / SCALE

    def compute_contributions(self, values: Floats) -> Floats:
        """Return each signal's contribution to the log-odds: (n, signals) or (signals,), shaped like `values`."""
        rows = np.atleast_2d(values)
        contributions = self._weigh_linear(rows)
        row = np.arange(len(rows))[:, None]
        for nodes, next_nodes in pairwise(self._iter_nodes(rows)):
            np.add.at(contributions, (row, self.feature[nodes]), self.value[next_nodes] - self.value[nodes])
        scaled: Floats = contributions / SCALE
        return scaled.reshape(np.shape(values))

    def predict_probability(self, values: Floats) -> Floats:
        """Return the probability of each row of signals, (n, signals) -> (n,), rounded to 4 decimals."""
        rows = np.atleast_2d(values)
        *_, leaves = self._iter_nodes(rows)
        millionths = self.value[leaves].sum(axis=-1) + self._weigh_linear(rows).sum(axis=-1)
        probabilities: Floats = np.round(1.0 / (1.0 + np.exp(-np.clip(millionths / SCALE, -100, 100))), 4)
        return probabilities.reshape(np.shape(values)[:-1])

    def _weigh_linear(self, rows: Floats) -> Ints:
        return np.rint(rows * self.linear).astype(np.int64)

    def _iter_nodes(self, rows: Floats) -> Iterator[Ints]:
        """Yield the nodes that the rows are at in each tree, (n, trees), step by step from the roots to the leaves."""
        nodes = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        row = np.arange(len(rows))[:, None]
        while True:
            yield nodes
            is_low = rows[row, self.feature[nodes]] <= self.threshold[nodes]
            next_nodes = np.where(is_low, self.low[nodes], self.high[nodes])
            if np.array_equal(next_nodes, nodes):
                return
            nodes = next_nodes


# Limits far beyond any model that the labels could support: a file that exceeds them is broken.
_MAX_NODES = 100_000
_MAX_LOG_ODDS = 1000
_MAX_DEPTH = 32


def load_model(path: Path | str | None = None) -> Model:
    """Read the model that ships with the package, or the one at `path`. Raises ModelError if it cannot be used."""
    source = path if path is not None else "data/model.json of the package"
    try:
        file = Path(path) if path is not None else resources.files("newsdedup").joinpath("data/model.json")
        return parse_model(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"model {source} cannot be read: {error}; give another with --model") from None
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ModelError(f"model {source} does not fit this version: {error}; rebuild it with `make train`") from None


def _check_trees(arrays: dict[str, Ints], roots: Ints, count: int) -> None:
    """Raise ValueError if a node has no valid child, points back, tests an unknown signal, or a tree is too deep."""
    low, high, node_ids = arrays["low"], arrays["high"], np.arange(count)
    is_valid = np.isin(np.concatenate([low, high, roots]), node_ids).all()
    if not is_valid or not np.isin(arrays["feature"], np.arange(len(SIGNAL_NAMES))).all():
        raise ValueError("a node points to a missing node or tests an unknown signal")
    is_leaf = (low == node_ids) & (high == node_ids)
    if (~is_leaf & ((low <= node_ids) | (high <= node_ids))).any():
        raise ValueError("a node points back")
    depth = np.zeros(count, dtype=np.int64)
    for node in reversed(range(count)):
        if not is_leaf[node]:
            depth[node] = 1 + max(depth[low[node]], depth[high[node]])
    if depth.max() > _MAX_DEPTH:
        raise ValueError(f"a tree is {depth.max()} steps deep; at most {_MAX_DEPTH} are allowed")


def _parse_integers(values: Any, name: str) -> Ints:
    """Return a list of integers as an array; other types are not converted but raise ValueError."""
    if not isinstance(values, list) or any(type(value) is not int for value in values):
        raise ValueError(f"{name} is not a list of integers")
    return np.array(values, dtype=np.int64)


def parse_model(data: dict[str, Any]) -> Model:
    """Build a model from the data of its file. Raises ValueError, KeyError or TypeError if the data is invalid."""
    if data["format"] != FORMAT or data["version"] != VERSION:
        raise ValueError(f"format {data['format']} version {data['version']}, not {FORMAT} version {VERSION}")
    if tuple(data["signals"]) != SIGNAL_NAMES:
        raise ValueError("its signals are not those of this version")
    nodes = dict(data["nodes"])
    arrays = {key: _parse_integers(nodes[key], key) for key in ("feature", "low", "high", "value")}
    threshold = np.array(nodes["threshold"], dtype=np.float64)
    roots = _parse_integers(data["roots"], "roots")
    weights = dict(data["linear"])
    if unknown_signals := sorted(set(map(str, weights)) - set(SIGNAL_NAMES)):
        raise ValueError(f"it has weights for unknown signals: {', '.join(unknown_signals)}")
    linear = np.array([float(weights.get(name, 0.0)) for name in SIGNAL_NAMES], dtype=np.float64)
    count = len(threshold)
    if threshold.ndim != 1 or any(array.shape != (count,) for array in arrays.values()):
        raise ValueError("its arrays differ in length")
    if not 0 < len(roots) <= count <= _MAX_NODES:
        raise ValueError(
            f"it has {len(roots)} trees of {count} nodes; give at least one tree and at most {_MAX_NODES} nodes"
        )
    if not np.isfinite(threshold).all() or not (np.abs(linear) <= _MAX_LOG_ODDS).all():
        raise ValueError(f"it has numbers that are not finite, or weights over {_MAX_LOG_ODDS}")
    if arrays["value"].max() > _MAX_LOG_ODDS * SCALE or arrays["value"].min() < -_MAX_LOG_ODDS * SCALE:
        raise ValueError(f"it has log-odds over {_MAX_LOG_ODDS}")
    _check_trees(arrays, roots, count)
    return Model(threshold=threshold, roots=roots, linear=np.rint(linear * SCALE).astype(np.int64), **arrays)
