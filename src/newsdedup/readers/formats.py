"""Which reader reads which file. A new format needs one more module and one more line in each table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from newsdedup.config import InputFormat
from newsdedup.readers import delimited, json_, jsonlines, tabular
from newsdedup.readers.reader import Reader

READERS: Mapping[InputFormat, Reader] = {
    "text": delimited.read_delimited,
    "json": json_.read_json,
    "jsonl": jsonlines.read_jsonlines,
    "csv": tabular.read_csv,
    "tsv": tabular.read_tsv,
}

# Each of them may be followed by `.gz`.
EXTENSIONS: Mapping[str, InputFormat] = {
    ".txt": "text",
    ".text": "text",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
}


def file_extension(path: str) -> str:
    """Return the extension of a path in lower case, without `.gz`."""
    name = path.casefold().removesuffix(".gz")
    return PurePosixPath(name).suffix


def format_of(path: str) -> InputFormat | None:
    """Return the format for the extension of `path`, None if it is unknown."""
    return EXTENSIONS.get(file_extension(path))


def sniff_format(head: bytes) -> InputFormat:
    """Return the format of input without a name: JSON if its first bytes open an object or an array, else text.

    The reader of JSON documents recognises JSON Lines by itself.
    """
    first_byte = head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1]
    return "json" if first_byte in {b"{", b"["} else "text"
