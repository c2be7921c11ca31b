"""The interface of all output formats: what a format declares, and the page that it writes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TextIO, TypeVar

from newsdedup.execution import Executor, Progress
from newsdedup.models import StoryList
from newsdedup.registry import Extra

DEFAULT_WIDTH = 100
"""Columns of text that is not written to a terminal."""

_Report = TypeVar("_Report")


@dataclass(frozen=True, slots=True)
class Page:
    """Where a format writes. `width` (columns) and `colour` (ANSI styles) are only for text that people read."""

    stream: TextIO
    width: int = DEFAULT_WIDTH
    colour: bool = False


class ChunkRenderer(Protocol):
    """Renders stories in the processes of `executor`."""

    def __call__(self, stories: StoryList, executor: Executor, progress: Progress | None = None, /) -> Iterator[bytes]:
        """Yield the output in UTF-8, piece by piece."""
        ...


@dataclass(frozen=True, slots=True)
class OutputFormat(Generic[_Report]):
    """An output format: each module of `render.stories`, `render.comparison`, ... has one as `FORMAT`.

    `render` writes the whole output to a page, with LF line ends and bytes that depend only on its arguments. `extra`
    is installed only by those who need the format. A format of stories is `one_pass` if it reads them once and in
    order, so that they need not be in memory together; `render_chunks` writes the same bytes with several processes.
    """

    render: Callable[[_Report, Page], None]
    extra: Extra | None = None
    one_pass: bool = False
    render_chunks: ChunkRenderer | None = None
