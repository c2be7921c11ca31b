"""What `ingest` has to say, however it is held: all in memory (`Result`), or story by story (`pipeline.Run`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from newsdedup.models import Rejected, Story, Summary


class Answer(Protocol):
    """The parts of a result. Going through `stories` may cost time at each turn."""

    @property
    def stories(self) -> Sequence[Story]:
        """The stories in the order of printing."""

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        """The records that could not be used."""

    @property
    def summary(self) -> Summary:
        """What became of every record."""
