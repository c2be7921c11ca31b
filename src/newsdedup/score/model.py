"""The model: calibrated log-odds, linear in the signals, in a small versioned data file, evaluated with numpy alone.

Linear on purpose, for now: with so few labels boosted trees over the same signals were no better in a trial, and each
signal's part in a result is exact: weight x (value - mean) / spread. Parts and base rate add up to the log-odds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from newsdedup.align import Floats
from newsdedup.errors import ModelError
from newsdedup.score.signals import NAMES

FORMAT = "newsdedup-model"
VERSION = 1


@dataclass(frozen=True)
class Model:
    """Log-odds = bias + sum of weights x (signals - mean) / spread; all arrays of shape (signals,)."""

    bias: float
    weights: Floats
    mean: Floats
    spread: Floats

    def parts(self, values: Floats) -> Floats:
        """Return each signal's part in the log-odds, for one row (signals,) or many (n, signals)."""
        out: Floats = self.weights * (values - self.mean) / self.spread
        return out

    def probability(self, values: Floats) -> Floats:
        """Return the probability of each row of signals, (n, signals) -> (n,), rounded to 4 decimals."""
        # Summed in a fixed order by numpy's pairwise sum over the last axis; rounded before the exponential, so that
        # platforms whose last bits differ agree.
        odds = np.round(self.bias + self.parts(values).sum(axis=-1), 8)
        out: Floats = np.round(1.0 / (1.0 + np.exp(-odds)), 4)
        return out


def load_model(path: Path | str | None = None) -> Model:
    """Read the model that ships with the package, or the one at `path`. Raises ModelError if it cannot be used."""
    where = str(path) if path is not None else "data/model.json of the package"
    try:
        if path is None:
            text = resources.files("newsdedup").joinpath("data/model.json").read_text(encoding="utf-8")
        else:
            text = Path(path).read_text(encoding="utf-8")
        return _parse(json.loads(text))
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"model {where} cannot be read: {error}; give another with --model") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError(f"model {where} does not fit this version: {error}; rebuild it with `make train`") from None


def _parse(data: dict[str, Any]) -> Model:
    if data["format"] != FORMAT or data["version"] != VERSION:
        raise ValueError(f"format {data['format']} version {data['version']}, not {FORMAT} version {VERSION}")
    if tuple(data["signals"]) != NAMES:
        raise ValueError("its signals are not those of this version")
    arrays = {key: np.array(data[key], dtype=np.float64) for key in ("weights", "mean", "spread")}
    if any(each.shape != (len(NAMES),) for each in arrays.values()):
        raise ValueError("its arrays are not as long as its signals")
    bias = float(data["bias"])
    if not np.isfinite([bias, *np.concatenate(list(arrays.values()))]).all() or not (arrays["spread"] > 0).all():
        raise ValueError("it holds numbers that are not finite, or a spread that is not positive")
    return Model(bias=bias, **arrays)
