"""Article text in Markdown: escaped, so that none of it acts as markup."""

from __future__ import annotations

import re
from collections.abc import Iterable

from newsdedup.render.differences import Piece
from newsdedup.render.sanitise import sanitise_text

# Characters with a meaning anywhere in a line (`$` on forges that render formulas), and only at its start.
_INLINE = re.compile(r"([\\`*_\[\]<>|#~&$])")
_LINE_START = re.compile(r"^([-+=:])|^(\d+)([.)])")


def escape_markdown(text: str) -> str:
    """Return `text` on one line, escaped so that Markdown shows it literally."""
    line = _INLINE.sub(r"\\\1", sanitise_text(text).strip())
    return _LINE_START.sub(lambda match: f"\\{match[1]}" if match[1] else f"{match[2]}\\{match[3]}", line)


def emphasise_differences(pieces: Iterable[Piece]) -> str:
    """Return the pieces of a sentence as one line of Markdown, those that differ in bold."""
    marked = (
        f"**{escape_markdown(piece.text)}**" if piece.differs else escape_markdown(piece.text) for piece in pieces
    )
    return "".join(text + piece.space for text, piece in zip(marked, pieces, strict=True)).strip()
