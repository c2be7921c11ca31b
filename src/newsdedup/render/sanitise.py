"""Article text made safe to show: a scraped page must not be able to control the reader's terminal."""

from __future__ import annotations

import re

_SPACES = re.compile(r"[\t\n\r\x0b\x0c\x1c-\x1f\x85\u2028\u2029]+")
# C0, DEL, C1 (ESC, CSI and the like), lone surrogates, non-characters.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Embeddings, overrides and isolates can reorder the rest of the line; the marks LRM and RLM cannot.
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def sanitise_text(text: str) -> str:
    """Return `text` on one line: white space as single spaces, control characters as U+FFFD, bidi controls removed.

    The data formats keep these characters.
    """
    return _CONTROLS.sub("\ufffd", _BIDI_CONTROLS.sub("", _SPACES.sub(" ", text)))
