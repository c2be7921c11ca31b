"""The versions that a store records, and when they call for a rebuild."""

from __future__ import annotations

from newsdedup.store.compatibility import current_versions


def test_the_digest_of_thresholds_is_that_of_existing_stores() -> None:
    """Renaming a constant must not change it; a new value of a threshold does, and then stores have to be rebuilt."""
    assert current_versions(None)["settings"] == "cbab7ceaa643"
