"""Pure text functions: fold, words, stems, sentences, paragraphs, numbers. No knowledge of news, no state."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

import sentencex

# Scripts written without spaces between words: Thai, Lao, Myanmar, Khmer, kana, Han, and their extensions. Their
# "words" are overlapping character pairs, so that no segmenter is needed. Korean has spaces and is not among them.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "＇": "'", "`": "'"})
# A number with its inner separators (3.4, 62,122, 1/16) is one word; combining marks stay with their letter (Hindi, Thai).
_MARKED = r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0980-\u0dff\u200c\u200d])*"
_WORD = re.compile(rf"[{_UNSPACED}]+|\d+(?:[.,/:]\d+)*|(?:(?![{_UNSPACED}]){_MARKED})(?:'(?:(?![{_UNSPACED}]){_MARKED}))*|\d+")
_UNSPACED_RUN = re.compile(rf"[{_UNSPACED}]")
_CLOSERS = "\"'”’»›」』）)]】》*"
_TERMINALS = ".!?…。！？｡।॥؟۔։።៕။"
_ABBREVIATION_END = re.compile(r"(?:^|[\s(])(?:[A-Z]\.){1,4}$|\b(?:Inc|Corp|Ltd|Co|Jr|Sr|No|St)\.$")


def fold(text: str) -> str:
    """Return `text` in NFC with every run of white space as one space and none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def content_hash(title: str | None, text: str) -> str:
    """Return 32 hex digits (128 bits, BLAKE2b) over the folded title and text, as loaded, before cleaning."""
    joined = f"{fold(title or '')}\x00{fold(text)}"
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def words(text: str) -> list[str]:
    """Return the normalised words of `text` in order: NFKC, case-folded, straight apostrophes, no punctuation.

    Runs of a script without spaces give overlapping character pairs (a lone character gives itself).
    """
    found: list[str] = _WORD.findall(unicodedata.normalize("NFKC", text).translate(_APOSTROPHES).casefold())
    if not _UNSPACED_RUN.search(text):
        return found
    out: list[str] = []
    for word in found:
        if _UNSPACED_RUN.match(word) and len(word) > 1:
            out.extend(word[i : i + 2] for i in range(len(word) - 1))
        else:
            out.append(word)
    return out


def sentences(text: str, language: str | None = None) -> list[str]:
    """Split one paragraph into sentences with sentencex; no text is lost but the white space between them."""
    code = (language or "en").split("-")[0].split("_")[0].lower() or "en"
    found = [piece.strip() for piece in sentencex.segment(code, text)]
    return [piece for piece in found if piece]


def ends_sentence(line: str) -> bool:
    """Tell whether `line` ends as a sentence does: a terminal mark, closing quotes and brackets aside.

    A full stop that belongs to an abbreviation (`with the U.S.`) does not count.
    """
    bare = line.rstrip().rstrip(_CLOSERS).rstrip()
    return bare.endswith(tuple(_TERMINALS)) and not _ABBREVIATION_END.search(bare)


def normalised(pieces: Iterable[str]) -> str:
    """Return all words of `pieces` joined by single spaces: equal for texts that differ only in case and marks."""
    return " ".join(word for piece in pieces for word in words(piece))


def blocks(text: str) -> list[list[str]]:
    """Part `text` into blocks (at two or more blank lines) of paragraphs, each folded to one line.

    Inside a block: hard-wrapped text is unwrapped, indented or blank lines starting paragraphs; else blank lines part
    paragraphs if the block has any; else every line is one.
    """
    out: list[list[str]] = []
    for block in _BLOCK_BREAK.split(_LINE_BREAK.sub("\n", text)):
        lines = block.split("\n")
        if _is_hard_wrapped(lines):
            paragraphs = _unwrap(lines)
        elif any(not line.strip() for line in _trimmed(lines)):
            paragraphs = _PARAGRAPH_BREAK.split(block)
        else:
            paragraphs = lines
        folded = [fold(paragraph) for paragraph in paragraphs]
        if kept := [paragraph for paragraph in folded if paragraph]:
            out.append(kept)
    return out


_LINE_BREAK = re.compile(r"\r\n|[\r\u2028\u0085\x0b\x0c]|\u2029")
_BLOCK_BREAK = re.compile(r"(?:[^\S\n]*\n){3,}")
_PARAGRAPH_BREAK = re.compile(r"\n[^\S\n]*\n")


def _trimmed(lines: list[str]) -> list[str]:
    start = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    end = next((i for i in range(len(lines), start, -1) if lines[i - 1].strip()), start)
    return lines[start:end]


def _is_hard_wrapped(lines: list[str]) -> bool:
    """Tell whether most lines end near one width (50 to 100 columns) in mid-sentence.

    A line counts as wrapped when the first word of the next line would not have fitted into that width: a list of
    headlines or one-line paragraphs never passes that test by chance for most of its lines.
    """
    pairs = [(a.rstrip(), b) for a, b in zip(lines, lines[1:], strict=False) if a.strip() and b.strip() and not b[:1].isspace()]
    if len(pairs) < 2:
        return False
    width = max(len(line.rstrip()) for line in lines)
    if not 40 <= width <= 100:
        return False
    wrapped = sum(len(a) + 1 + len(b.split(None, 1)[0]) > width - 2 for a, b in pairs)
    open_ended = sum(not ends_sentence(a) for a, b in pairs)
    return wrapped >= 0.7 * len(pairs) and open_ended >= 0.5 * len(pairs)


def _unwrap(lines: list[str]) -> list[str]:
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if not line.strip() or line[:1].isspace():
            paragraphs.append([])
        paragraphs[-1].append(line)
    return [" ".join(paragraph) for paragraph in paragraphs]
