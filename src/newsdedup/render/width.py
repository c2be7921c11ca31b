"""How wide text is set: apart from `paper`, so that asking for the data formats loads no rich."""

from __future__ import annotations

DEFAULT_WIDTH = 100
"""Columns of text that does not go to a terminal."""
