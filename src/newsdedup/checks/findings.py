"""How a finding is made: its rule, its place, and the fingerprint by which a baseline knows it again."""

from __future__ import annotations

import hashlib
from typing import Any

from newsdedup.check_rules import DUPLICATES, RULE
from newsdedup.models.checks import Finding, Location

# A duplicate is known again by its content alone: which article it is nearest to, and so how it stands to it, changes
# with every article that is added or removed beside it.
_FAMILY = dict.fromkeys(DUPLICATES.values(), "duplicate")


def finding(code: str, message: str, location: Location, content: str, **evidence: Any) -> Finding:
    """Return the finding of rule `code` about the article or record whose content hash is `content`."""
    rule = RULE[code]
    return Finding(
        code=code,
        rule=rule.name,
        severity=rule.severity,
        message=message,
        location=location,
        fingerprint=fingerprint(code, content),
        **evidence,
    )


def fingerprint(code: str, content: str) -> str:
    """Return 32 hex digits over the rule (of duplicates: that it is one) and the content."""
    name = f"{_FAMILY.get(code, code)}\x00{content}"
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
