"""Find news articles that carry the same report, and merge each story into one canonical article.

from newsdedup import dedupe, load

result = dedupe(load(["seeds/"]))
for story in result.stories:
    if len(story.variants) > 1:
        print(story.title)
        print(story.text)
        for paragraph in story.paragraphs:
            print(paragraph.added, paragraph.sources)

docs/library.md is a guide to all names that are exported here.
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsdedup.checks import check
    from newsdedup.config import CheckSettings, Config
    from newsdedup.engine import compare, dedupe, iter_stories
    from newsdedup.errors import (
        ConfigError,
        GitError,
        InputError,
        LabelsError,
        LexiconError,
        ModelError,
        NewsdedupError,
        OutputError,
        StoreError,
        UnknownArticleError,
        WorkerError,
    )
    from newsdedup.evaluation import evaluate
    from newsdedup.models import (
        Article,
        Conflict,
        Paragraph,
        Passage,
        Rejected,
        Relation,
        Result,
        Sentence,
        Story,
        Summary,
        Variant,
    )
    from newsdedup.models.checks import CheckReport, Finding, Severity
    from newsdedup.models.comparison import Comparison
    from newsdedup.models.evaluation import Evaluation
    from newsdedup.models.store import Change, ChangedStory, StoreResult
    from newsdedup.readers import load
    from newsdedup.store import Store

    __version__: str

__all__ = [
    "Article",
    "Change",
    "ChangedStory",
    "CheckReport",
    "CheckSettings",
    "Comparison",
    "Config",
    "ConfigError",
    "Conflict",
    "Evaluation",
    "Finding",
    "GitError",
    "InputError",
    "LabelsError",
    "LexiconError",
    "ModelError",
    "NewsdedupError",
    "OutputError",
    "Paragraph",
    "Passage",
    "Rejected",
    "Relation",
    "Result",
    "Sentence",
    "Severity",
    "Store",
    "StoreError",
    "StoreResult",
    "Story",
    "Summary",
    "UnknownArticleError",
    "Variant",
    "WorkerError",
    "__version__",
    "check",
    "compare",
    "dedupe",
    "evaluate",
    "iter_stories",
    "load",
]

_NAMES_BY_MODULE = {
    "checks": "check",
    "config": "CheckSettings Config",
    "engine": "compare dedupe iter_stories",
    "errors": (
        "ConfigError GitError InputError LabelsError LexiconError ModelError NewsdedupError OutputError StoreError "
        "UnknownArticleError WorkerError"
    ),
    "evaluation": "evaluate",
    "models": "Article Conflict Paragraph Passage Rejected Relation Result Sentence Story Summary Variant",
    "models.checks": "CheckReport Finding Severity",
    "models.comparison": "Comparison",
    "models.evaluation": "Evaluation",
    "models.store": "Change ChangedStory StoreResult",
    "readers": "load",
    "store": "Store",
}
"""The public names by the module that has them. Importing the package itself loads none of these modules."""

logging.getLogger("newsdedup").addHandler(logging.NullHandler())

# Not for type checkers: with a `__getattr__` they would accept any misspelt name.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import a public name on first access."""
        if name == "__version__":
            from importlib.metadata import version  # noqa: PLC0415 - many modules, rarely needed

            return version("newsdedup")
        for module, names in _NAMES_BY_MODULE.items():
            if name in names.split():
                return getattr(importlib.import_module(f"newsdedup.{module}"), name)
        raise AttributeError(f"module 'newsdedup' has no attribute '{name}'")


def __dir__() -> list[str]:
    """Return the public names, including those not imported yet."""
    return sorted({*globals(), *__all__})
