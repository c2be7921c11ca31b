"""Human-readable text: rich at a fixed width, the same bytes everywhere, no markup interpreted in article text."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from newsdedup.render.differences import Piece, diff_words
from newsdedup.render.renderer import Page
from newsdedup.render.sanitise import sanitise_text

NARROW_WIDTH = 70
"""Below this many columns tables become lists: five columns of ids and dates no longer fit side by side."""
BULLET = "·"
# Spaces between two columns of a table: one of padding, one of the box that draws the line under the head.
_COLUMN_GAP = 2
_UNDERLINED = box.Box("    \n    \n ── \n    \n    \n    \n    \n    \n")
_TRAILING_SPACES = re.compile(r" +$", re.MULTILINE)


class TextWriter:
    """Writes renderables to a page, independent of the environment (TERM, COLUMNS, NO_COLOR, CI).

    Without colour it writes no escape sequences and no trailing spaces.
    """

    def __init__(self, page: Page) -> None:
        self._stream = page.stream
        self._colour = page.colour
        self.width = max(page.width, 20)
        self._console = Console(
            file=io.StringIO(),
            width=self.width,
            height=25,
            force_terminal=page.colour,
            force_jupyter=False,
            color_system="standard" if page.colour else None,
            no_color=not page.colour,
            legacy_windows=False,
            markup=False,
            emoji=False,
            highlight=False,
        )

    @property
    def is_narrow(self) -> bool:
        """Whether tables become lists."""
        return self.width < NARROW_WIDTH

    def print(self, *blocks: RenderableType) -> None:
        """Write the blocks one below the other."""
        with self._console.capture() as capture:
            for block in blocks:
                self._console.print(block, overflow="fold")
        text = capture.get()
        self._stream.write(text if self._colour else _TRAILING_SPACES.sub("", text))

    def print_line(self, text: Text) -> None:
        """Write `text` on one line, however long, for text that must not be broken."""
        with self._console.capture() as capture:
            self._console.print(text, soft_wrap=True)
        self._stream.write(capture.get())

    def print_heading(self, text: str) -> None:
        """Write a blank line and a heading."""
        self.print("", Text(text, style="bold"))

    def print_rule(self, text: str, style: str = "dim") -> None:
        """Write a line across the page that begins with `text`."""
        self.print(Rule(Text(text, style=style), align="left", style="dim"))

    def print_section(self, text: str) -> None:
        """Write a blank line and the title of a section."""
        self.print("")
        self.print_rule(sanitise_text(text), "bold")

    def print_note(self, text: str) -> None:
        """Write a blank line and a note."""
        self.print("", Text(f"note: {sanitise_text(text)}", style="dim"))


class GutteredText:
    """Text with a mark before every line, so that it stands out even without colour."""

    def __init__(self, text: Text, gutter: str, style: str = "") -> None:
        self._text = text
        self._gutter = gutter
        self._style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Wrap the text to the width beside the gutter and put the gutter before each line."""
        width = max(options.max_width - len(self._gutter), 1)
        for line in self._text.wrap(console, width, overflow="fold"):
            yield Text.assemble((self._gutter, self._style), line)


def build_table(
    names: Sequence[str], rows: Sequence[Sequence[Text]], *, width: int, right: Iterable[str] = ()
) -> Table | None:
    """Return a table that breaks no word, or None if `width` columns are too few for that.

    Every column is at least as wide as its longest word. Spare width goes first to the columns that need least to fit
    their longest line. (rich would narrow the widest column, which holds the ids.) `right` names the right-aligned
    columns.
    """
    cells = [[Text(name), *(row[index] for row in rows)] for index, name in enumerate(names)]
    widths = [max(cell_len(word) for cell in column for word in cell.plain.split() or [""]) for column in cells]
    spare = width - sum(widths) - _COLUMN_GAP * (len(names) - 1)
    if spare < 0:
        return None
    line_widths = [max(cell_len(line) for cell in column for line in cell.plain.split("\n")) for column in cells]
    for index in sorted(range(len(names)), key=lambda column: line_widths[column] - widths[column]):
        extra = min(spare, line_widths[index] - widths[index])
        widths[index] += extra
        spare -= extra
    padding = (0, _COLUMN_GAP - 1, 0, 0)
    table = Table(box=_UNDERLINED, pad_edge=False, show_edge=False, header_style="bold", padding=padding)
    for name, column_width in zip(names, widths, strict=True):
        table.add_column(Text(name), justify="right" if name in right else "left", width=column_width, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def build_side_by_side(left: RenderableType, right: RenderableType) -> Table:
    """Return two blocks beside each other, each half as wide as the page."""
    grid = Table.grid(padding=(0, 3, 0, 0), expand=True)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_column(ratio=1, overflow="fold")
    grid.add_row(left, right)
    return grid


def style_id(article_id: str) -> Text:
    """Return an article id in the style of ids."""
    return Text(sanitise_text(article_id), style="cyan", overflow="fold")


def mark_differences(a: str, b: str) -> tuple[Text, Text]:
    """Return both sentences with differing words marked: `[-...-]` in the first, `{+...+}` in the second."""
    return mark_pieces(*diff_words(sanitise_text(a), sanitise_text(b)))


def mark_pieces(pieces_a: Iterable[Piece], pieces_b: Iterable[Piece]) -> tuple[Text, Text]:
    """Return the pieces of two texts from `diff_words`, marked as by `mark_differences`."""
    return _join_marked(pieces_a, "[-", "-]", "red"), _join_marked(pieces_b, "{+", "+}", "green")


def _join_marked(pieces: Iterable[Piece], opening: str, closing: str, style: str) -> Text:
    text = Text(overflow="fold")
    for piece in pieces:
        if piece.differs:
            text.append(f"{opening}{piece.text}{closing}", style=f"bold {style}").append(piece.space)
        else:
            text.append(piece.text + piece.space)
    return text
