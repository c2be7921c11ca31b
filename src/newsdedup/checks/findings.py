"""How a finding is made: its rule, its location, and the fingerprint that identifies it in a baseline."""

from __future__ import annotations

import hashlib
from typing import Any

from newsdedup.check_rules import DUPLICATE_CODES, RULES_BY_CODE
from newsdedup.models.checks import Finding, Location
from newsdedup.text import normalise_whitespace

# All duplicate rules share one name: the nearest article, and with it the relation and the rule, may change with every
# article that is added or removed.
_FINGERPRINT_NAMES = dict.fromkeys(DUPLICATE_CODES.values(), "duplicate")


def make_finding(
    code: str, message: str, location: Location, *, content_hash: str | None = None, **evidence: Any
) -> Finding:
    """Return the finding of rule `code`. The content hash is that of the location, unless it has no article."""
    rule = RULES_BY_CODE[code]
    return Finding(
        code=code,
        rule=rule.name,
        severity=rule.severity,
        message=message,
        location=location,
        fingerprint=compute_fingerprint(code, content_hash or location.content_hash or ""),
        **evidence,
    )


def compute_fingerprint(code: str, content_hash: str) -> str:
    """Return 32 hex digits over the rule code (one common name for all duplicate rules) and the content hash.

    The message is not part of it.
    """
    name = f"{_FINGERPRINT_NAMES.get(code, code)}\x00{content_hash}"
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def shorten(text: str, max_chars: int) -> str:
    """Return `text` on one line, cut off with `…` if it has more than `max_chars` characters."""
    line = normalise_whitespace(text)
    return line if len(line) <= max_chars else line[: max_chars - 1].rstrip() + "…"
