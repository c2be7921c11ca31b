"""The model: log-odds from small boosted trees over the signals, in a versioned data file, evaluated with numpy alone.

Every node of a tree carries the log-odds expected there, so that a step from a node to its child says what the signal
asked there brought. A signal's part is the sum of its steps over all trees (Saabas 2014); bias and parts add up to the
log-odds exactly, since all are whole millionths. Vetoes stand outside the trees with a weight of their own.
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
VERSION = 2
SCALE = 1_000_000
"""Log-odds are kept as whole numbers of this part of one."""


@dataclass(frozen=True)
class Model:
    """Trees laid end to end. Arrays of shape (nodes,) but for `roots` (trees,) and `vetoes` (signals,).

    A value of signal `feature` up to `threshold` goes to node `low`, a larger one to `high`; a leaf leads to itself.
    `value` is the log-odds expected at a node in millionths, as are `vetoes`: what a signal of value 1 adds.
    """

    feature: Ints
    threshold: Floats
    low: Ints
    high: Ints
    value: Ints
    roots: Ints
    vetoes: Ints

    @cached_property
    def bias(self) -> float:
        """Log-odds before any signal is asked."""
        return int(self.value[self.roots].sum()) / SCALE

    def parts(self, values: Floats) -> Floats:
        """Return each signal's part in the log-odds: (n, signals) or (signals,), shape as given."""
        rows = np.atleast_2d(values)
        out = np.rint(rows * self.vetoes).astype(np.int64)
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
        millionths = self.value[at].sum(axis=-1) + np.rint(rows * self.vetoes).astype(np.int64).sum(axis=-1)
        out: Floats = np.round(1.0 / (1.0 + np.exp(-millionths / SCALE)), 4)
        return out.reshape(np.shape(values)[:-1])

    def _step(self, rows: Floats, at: Ints) -> Ints:
        asked = rows[np.arange(len(rows))[:, None], self.feature[at]]
        return np.where(asked <= self.threshold[at], self.low[at], self.high[at])


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


def parse_model(data: dict[str, Any]) -> Model:
    """Make a model of the data of its file. Raises ValueError, KeyError or TypeError where it does not fit."""
    if data["format"] != FORMAT or data["version"] != VERSION:
        raise ValueError(f"format {data['format']} version {data['version']}, not {FORMAT} version {VERSION}")
    if tuple(data["signals"]) != NAMES:
        raise ValueError("its signals are not those of this version")
    nodes = data["nodes"]
    whole = {key: np.array(nodes[key], dtype=np.int64) for key in ("feature", "low", "high", "value")}
    threshold = np.array(nodes["threshold"], dtype=np.float64)
    roots = np.array(data["roots"], dtype=np.int64)
    vetoes = np.array([float(data["vetoes"].get(name, 0.0)) for name in NAMES], dtype=np.float64)
    count = len(threshold)
    if roots.ndim != 1 or any(each.shape != (count,) for each in (*whole.values(), threshold)):
        raise ValueError("its arrays are not of one length")
    if not np.isfinite(threshold).all() or not np.isfinite(vetoes).all():
        raise ValueError("it holds numbers that are not finite")
    places = np.concatenate([whole["low"], whole["high"], roots])
    if ((places < 0) | (places >= count)).any() or ((whole["feature"] < 0) | (whole["feature"] >= len(NAMES))).any():
        raise ValueError("a node leads nowhere, or asks for a signal that is not there")
    here = np.arange(count)
    leaf = (whole["low"] == here) & (whole["high"] == here)
    if (~leaf & ((whole["low"] <= here) | (whole["high"] <= here))).any():
        raise ValueError("a node leads back")
    return Model(threshold=threshold, roots=roots, vetoes=np.rint(vetoes * SCALE).astype(np.int64), **whole)
