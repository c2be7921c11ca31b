"""The model: log-odds from small boosted trees over the signals, in a versioned data file, evaluated with numpy alone.

Every node of a tree carries the log-odds expected there, so that a step from a node to its child says what the signal
asked there brought. A signal's part is the sum of its steps over all trees (Saabas 2014); bias and parts add up to the
log-odds exactly, since all are whole millionths. Vetoes and dates stand outside the trees with weights of their own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from newsdedup.align import Floats, Ints
from newsdedup.errors import ModelError
from newsdedup.score.signals import NAMES

FORMAT = "newsdedup-model"
VERSION = 3
SCALE = 1_000_000
"""Log-odds are kept as whole numbers of this part of one."""


@dataclass(frozen=True)
class Model:
    """Trees laid end to end. Arrays of shape (nodes,) but for `roots` (trees,) and `linear` (signals,).

    A value of signal `feature` up to `threshold` goes to node `low`, a larger one to `high`; a leaf leads to itself.
    `value` is the log-odds expected at a node in millionths, as are those of `linear`: what a signal of value 1 adds.
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
        """Log-odds before any signal is asked."""
        return int(self.value[self.roots].sum()) / SCALE

    def parts(self, values: Floats) -> Floats:
        """Return each signal's part in the log-odds: (n, signals) or (signals,), shape as given."""
        rows = np.atleast_2d(values)
        out = np.rint(rows * self.linear).astype(np.int64)
        at = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        row = np.arange(len(rows))[:, None]
        while not np.array_equal(to := self._step(rows, at), at):
            np.add.at(out, (row, self.feature[at]), self.value[to] - self.value[at])
            at = to
        found: Floats = out / SCALE
        return found.reshape(np.shape(values))

    def probability(self, values: Floats) -> Floats:
        """Return the probability of each row of signals, (n, signals) -> (n,), rounded to 4 decimals."""
        rows = np.atleast_2d(values)
        at = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        while not np.array_equal(to := self._step(rows, at), at):
            at = to
        millionths = self.value[at].sum(axis=-1) + np.rint(rows * self.linear).astype(np.int64).sum(axis=-1)
        out: Floats = np.round(1.0 / (1.0 + np.exp(-np.clip(millionths / SCALE, -100, 100))), 4)
        return out.reshape(np.shape(values)[:-1])

    def _step(self, rows: Floats, at: Ints) -> Ints:
        asked = rows[np.arange(len(rows))[:, None], self.feature[at]]
        return np.where(asked <= self.threshold[at], self.low[at], self.high[at])


# Bounds on what is read, far beyond any model that the labels could support: a file that exceeds them is broken.
_MOST_NODES = 100_000
_MOST_ODDS = 1000
_DEEPEST = 32


def load_model(path: Path | str | None = None) -> Model:
    """Read the model that ships with the package, or the one at `path`. Raises ModelError if it cannot be used."""
    where = str(path) if path is not None else "data/model.json of the package"
    try:
        if path is None:
            text = resources.files("newsdedup").joinpath("data/model.json").read_text(encoding="utf-8")
        else:
            text = Path(path).read_text(encoding="utf-8")
        return parse_model(json.loads(text))
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"model {where} cannot be read: {error}; give another with --model") from None
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ModelError(f"model {where} does not fit this version: {error}; rebuild it with `make train`") from None


def _check_trees(whole: dict[str, Ints], roots: Ints, count: int) -> None:
    """Raise ValueError where a node leads nowhere or back, asks for no signal, or a tree is too deep."""
    places = np.concatenate([whole["low"], whole["high"], roots])
    if ((places < 0) | (places >= count)).any() or ((whole["feature"] < 0) | (whole["feature"] >= len(NAMES))).any():
        raise ValueError("a node leads nowhere, or asks for a signal that is not there")
    here = np.arange(count)
    leaf = (whole["low"] == here) & (whole["high"] == here)
    if (~leaf & ((whole["low"] <= here) | (whole["high"] <= here))).any():
        raise ValueError("a node leads back")
    depth = np.zeros(count, dtype=np.int64)
    for at in reversed(range(count)):
        if not leaf[at]:
            depth[at] = 1 + max(depth[whole["low"][at]], depth[whole["high"][at]])
    if depth.max() > _DEEPEST:
        raise ValueError(f"a tree is {depth.max()} steps deep; at most {_DEEPEST} are read")


def _whole(given: Any, name: str) -> Ints:
    """Return a list of whole numbers as an array; a fraction or a text is not made one."""
    if not isinstance(given, list) or any(type(each) is not int for each in given):
        raise ValueError(f"{name} is no list of whole numbers")
    return np.array(given, dtype=np.int64)


def parse_model(data: dict[str, Any]) -> Model:
    """Make a model of the data of its file. Raises ValueError, KeyError or TypeError where it does not fit."""
    if data["format"] != FORMAT or data["version"] != VERSION:
        raise ValueError(f"format {data['format']} version {data['version']}, not {FORMAT} version {VERSION}")
    if tuple(data["signals"]) != NAMES:
        raise ValueError("its signals are not those of this version")
    nodes = dict(data["nodes"])
    whole = {key: _whole(nodes[key], key) for key in ("feature", "low", "high", "value")}
    threshold = np.array(nodes["threshold"], dtype=np.float64)
    roots = _whole(data["roots"], "roots")
    given = dict(data["linear"])
    if unknown := sorted(set(map(str, given)) - set(NAMES)):
        raise ValueError(f"it weighs signals that this version does not have: {', '.join(unknown)}")
    linear = np.array([float(given.get(name, 0.0)) for name in NAMES], dtype=np.float64)
    count = len(threshold)
    if threshold.ndim != 1 or any(each.shape != (count,) for each in whole.values()):
        raise ValueError("its arrays are not of one length")
    if not 0 < len(roots) <= count <= _MOST_NODES:
        raise ValueError(
            f"it has {len(roots)} trees of {count} nodes; at least one tree and at most {_MOST_NODES} nodes"
        )
    if not np.isfinite(threshold).all() or not (np.abs(linear) <= _MOST_ODDS).all():
        raise ValueError(f"it holds numbers that are not finite, or weights over {_MOST_ODDS}")
    if whole["value"].max() > _MOST_ODDS * SCALE or whole["value"].min() < -_MOST_ODDS * SCALE:
        raise ValueError(f"it holds log-odds over {_MOST_ODDS}")
    _check_trees(whole, roots, count)
    return Model(threshold=threshold, roots=roots, linear=np.rint(linear * SCALE).astype(np.int64), **whole)
