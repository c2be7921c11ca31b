"""Article text made safe to show: a scraped page must not be able to command the reader's terminal."""

from __future__ import annotations

import re

_SPACES = re.compile(r"[\t\n\r\x0b\x0c\x1c-\x1f\x85\u2028\u2029]+")
# C0, DEL, C1 (ESC, CSI and their kin), lone surrogates, non-characters.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Embeddings, overrides and isolates can reorder everything after them on the line; the marks LRM and RLM cannot.
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Return `text` on one line: white space as single spaces, control characters as U+FFFD, reordering marks dropped.

    The data formats keep what this takes out.
    """
    return _CONTROLS.sub("\ufffd", _REORDERING.sub("", _SPACES.sub(" ", text)))
