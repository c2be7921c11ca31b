"""Which reader reads which file: a new format is one more module, one more line in each table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from newsdedup.config import InputFormat
from newsdedup.readers import delimited, json_, jsonlines, tabular
from newsdedup.readers.reader import Reader

READERS: Mapping[InputFormat, Reader] = {
    "text": delimited.read,
    "json": json_.read,
    "jsonl": jsonlines.read,
    "csv": tabular.read_csv,
    "tsv": tabular.read_tsv,
}

# Each of these also with `.gz`.
ENDINGS: Mapping[str, InputFormat] = {
    ".txt": "text",
    ".text": "text",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
}


def ending(path: str) -> str:
    """Return the ending of a path in lower case, `.gz` aside."""
    name = path.casefold().removesuffix(".gz")
    return PurePosixPath(name).suffix


def format_of(path: str) -> InputFormat | None:
    """Return the format that the ending of `path` names, if any."""
    return ENDINGS.get(ending(path))


def sniff(head: bytes) -> InputFormat:
    """Return the format of nameless input by its first bytes: JSON where they open an object or an array, else text.

    The reader of JSON documents recognises JSON Lines by itself.
    """
    first = head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1]
    return "json" if first in {b"{", b"["} else "text"
