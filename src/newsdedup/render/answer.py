"""The result of `ingest` as renderers see it: in memory (`Result`) or read story by story (`engine.Run`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from newsdedup.models import Rejected, Story, Summary


class ResultLike(Protocol):
    """The parts of a result. Each iteration over `stories` may build or read them again."""

    @property
    def stories(self) -> Sequence[Story]:
        """The stories in output order."""

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        """The records that could not be used."""

    @property
    def summary(self) -> Summary:
        """The counts of the run and its warnings."""
