"""Build the list of common words with which the records of a store are compressed; it ships with the package.

usage: python benchmarks/common_words.py ARTICLES.jsonl.gz OUT.txt

ARTICLES: JSON Lines with `text`; the shipped list is made of ../shared/bulk/articles.jsonl.gz. Words are listed as
spelt, the most common last, where the compressor needs the fewest bits to refer to them. Records compressed with one
list cannot be read with another: see `store.codec` before you write a new one.
"""

from __future__ import annotations

import collections
import gzip
import json
import re
import sys
from pathlib import Path

MAX_BYTES = 24_000  # bytes at most


def main() -> None:
    """Count words and write the list."""
    source, out_path = Path(sys.argv[1]), Path(sys.argv[2])
    frequency: collections.Counter[str] = collections.Counter()
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        for line in lines:
            frequency.update(re.findall("[A-Za-z]+", json.loads(line)["text"]))
    common = [word for word, _ in sorted(frequency.items(), key=lambda item: (-item[1], item[0]))]
    listed, size = [], 0
    for word in common:
        size += len(word) + 1
        if size > MAX_BYTES:
            break
        listed.append(word)
    out_path.write_text(" ".join(reversed(listed)) + "\n", encoding="ascii")
    print(f"{len(listed)} words, {out_path.stat().st_size} bytes -> {out_path.name}")


if __name__ == "__main__":
    main()
