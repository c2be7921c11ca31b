"""The only place that knows the order of the stages.

load -> clean -> fingerprint -> candidates -> prefilter -> score -> cluster -> merge -> related; the caller renders.
Articles are put in content order first (content hash, then id), so that neither the order of the input nor the number
of workers affects the result. `update.py` calls the stages in order; docs/design-notes.md follows one article through
them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsdedup.engine.run import Run, dedupe, dedupe_and_score, iter_stories, open_run

if TYPE_CHECKING:
    from newsdedup.engine.comparison import compare

__all__ = ["Run", "compare", "dedupe", "dedupe_and_score", "iter_stories", "open_run"]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import `compare` on first access, with the models that only it prints."""
        if name != "compare":
            raise AttributeError(f"module 'newsdedup.engine' has no attribute '{name}'")
        from newsdedup.engine.comparison import compare  # noqa: PLC0415

        return compare
