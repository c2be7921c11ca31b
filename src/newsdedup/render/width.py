"""The default width of text. Not in `console`, so that the data formats do not import rich."""

from __future__ import annotations

DEFAULT_WIDTH = 100
"""Columns of text that is not written to a terminal."""
