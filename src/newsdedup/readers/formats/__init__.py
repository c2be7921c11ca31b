"""The input formats, one file each: every module of this folder defines a format as `FORMAT`, named like its file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import import_module
from pathlib import PurePosixPath

from newsdedup.readers.reader import InputFormat
from newsdedup.registry import list_input_formats

FORMATS: dict[str, InputFormat] = {name: import_module(f"{__name__}.{name}").FORMAT for name in list_input_formats()}
"""All input formats by name; plain text is the first."""

# Byte order marks and white space, also in UTF-16 and UTF-32, where NUL bytes are between the letters.
_PADDING = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"


def file_extension(path: str) -> str:
    """Return the extension of a path in lower case, without `.gz`."""
    name = path.casefold().removesuffix(".gz")
    return PurePosixPath(name).suffix


def list_endings() -> list[str]:
    """Return the extensions of all formats, each of which may be followed by `.gz`."""
    return [ending for input_format in FORMATS.values() for ending in input_format.endings]


def find_formats(path: str) -> list[str]:
    """Return the names of the formats of files called like `path`; none if its extension is unknown."""
    extension = file_extension(path)
    return [name for name, input_format in FORMATS.items() if extension in input_format.endings]


def sniff_format(head: bytes, names: Iterable[str]) -> str | None:
    """Return the format among `names` of input that begins with `head`.

    It is the first one whose `first_bytes` match, else the first one that can begin with anything, else None.
    """
    start = head.lstrip(_PADDING).replace(b"\0", b"")
    names = tuple(names)
    for name in names:
        first_bytes = FORMATS[name].first_bytes
        if first_bytes is not None and re.match(first_bytes, start):
            return name
    return next((name for name in names if FORMATS[name].first_bytes is None), None)
