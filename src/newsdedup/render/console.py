"""A page of text for eyes: rich on a fixed width, the same bytes everywhere, no markup read out of article text."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from typing import TextIO

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from newsdedup.render.differences import Piece, differences
from newsdedup.render.sanitise import plain

NARROW = 70
"""Under this many columns tables are set as lists: five columns of ids and dates no longer fit side by side."""
BULLET = "·"
_GAP = 2  # columns between two of a table: one of padding, one of the box that draws the line under the head
_UNDERLINED = box.Box("    \n    \n ── \n    \n    \n    \n    \n    \n")
_TRAILING = re.compile(r" +$", re.MULTILINE)


class Paper:
    """Writes renderables to a stream; nothing of the environment (TERM, COLUMNS, NO_COLOR, CI) is looked at.

    Without colour no escape sequence is written and no line ends in spaces.
    """

    def __init__(self, stream: TextIO, *, width: int, colour: bool) -> None:
        self._stream = stream
        self._colour = colour
        self.width = max(width, 20)
        self._console = Console(
            file=io.StringIO(),
            width=self.width,
            height=25,
            force_terminal=colour,
            force_jupyter=False,
            color_system="standard" if colour else None,
            no_color=not colour,
            legacy_windows=False,
            markup=False,
            emoji=False,
            highlight=False,
        )

    @property
    def narrow(self) -> bool:
        """Whether tables are set as lists."""
        return self.width < NARROW

    def print(self, *blocks: RenderableType) -> None:
        """Write the blocks one under the other."""
        with self._console.capture() as captured:
            for block in blocks:
                self._console.print(block, overflow="fold")
        written = captured.get()
        self._stream.write(written if self._colour else _TRAILING.sub("", written))

    def line(self, text: Text) -> None:
        """Write `text` on one line, however long: what stands in it must be found in one piece."""
        with self._console.capture() as captured:
            self._console.print(text, soft_wrap=True)
        self._stream.write(captured.get())

    def heading(self, text: str) -> None:
        """Write a blank line and a heading."""
        self.print("", Text(text, style="bold"))


class Guttered:
    """Text with a mark before every line, so that it stands out without colour too."""

    def __init__(self, text: Text, gutter: str, style: str = "") -> None:
        self._text = text
        self._gutter = gutter
        self._style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Wrap the text to what the gutter leaves and put the gutter before each line."""
        width = max(options.max_width - len(self._gutter), 1)
        for line in self._text.wrap(console, width, overflow="fold"):
            yield Text.assemble((self._gutter, self._style), line)


def table(
    names: Sequence[str], rows: Sequence[Sequence[Text]], *, width: int, right: Iterable[str] = ()
) -> Table | None:
    """Return a table in which no word is broken, or None where `width` columns do not allow that.

    Every column gets its longest word, and what is left goes first to the columns that lack least of their longest
    line. (rich takes from the widest column, which is the ids.) `right` names the columns of numbers.
    """
    cells = [[Text(name), *(row[place] for row in rows)] for place, name in enumerate(names)]
    widths = [max(cell_len(word) for cell in column for word in cell.plain.split() or [""]) for column in cells]
    left = width - sum(widths) - _GAP * (len(names) - 1)
    if left < 0:
        return None
    lines = [max(cell_len(line) for cell in column for line in cell.plain.split("\n")) for column in cells]
    for place in sorted(range(len(names)), key=lambda place: lines[place] - widths[place]):
        more = min(left, lines[place] - widths[place])
        widths[place] += more
        left -= more
    made = Table(box=_UNDERLINED, pad_edge=False, show_edge=False, header_style="bold", padding=(0, _GAP - 1, 0, 0))
    for name, columns in zip(names, widths, strict=True):
        made.add_column(Text(name), justify="right" if name in right else "left", width=columns, overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made


def identifier(article_id: str) -> Text:
    """Return an article id, styled alike everywhere."""
    return Text(plain(article_id), style="cyan", overflow="fold")


def marked(a: str, b: str) -> tuple[Text, Text]:
    """Return both sentences with the words that differ marked: `[-...-]` in the first, `{+...+}` in the second."""
    return marked_pieces(*differences(plain(a), plain(b)))


def marked_pieces(pieces_a: Iterable[Piece], pieces_b: Iterable[Piece]) -> tuple[Text, Text]:
    """Return what `differences` found with the words that differ marked, as `marked` does."""
    return _marked(pieces_a, "[-", "-]", "red"), _marked(pieces_b, "{+", "+}", "green")


def _marked(pieces: Iterable[Piece], opening: str, closing: str, style: str) -> Text:
    out = Text(overflow="fold")
    for piece in pieces:
        if piece.differs:
            out.append(f"{opening}{piece.text}{closing}", style=f"bold {style}").append(piece.space)
        else:
            out.append(piece.text + piece.space)
    return out
