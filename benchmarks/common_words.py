"""List the common words that the records of a store are compressed with; they ship with the package.

usage: python benchmarks/common_words.py ARTICLES.jsonl.gz OUT.txt

ARTICLES: JSON Lines with `text`; the list that ships is that of ../shared/bulk/articles.jsonl.gz. Words as they are
written, the most common last, where the compressor needs least to name them. What was
compressed with another list cannot be read: see `store.records` before writing a new one.
"""

from __future__ import annotations

import collections
import gzip
import json
import re
import sys
from pathlib import Path

SIZE = 24_000  # bytes at most


def main() -> None:
    """Count and write."""
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    frequency: collections.Counter[str] = collections.Counter()
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        for line in lines:
            frequency.update(re.findall("[A-Za-z]+", json.loads(line)["text"]))
    common = [word for word, _ in sorted(frequency.items(), key=lambda item: (-item[1], item[0]))]
    kept, size = [], 0
    for word in common:
        size += len(word) + 1
        if size > SIZE:
            break
        kept.append(word)
    out.write_text(" ".join(reversed(kept)) + "\n", encoding="ascii")
    print(f"{len(kept)} words, {out.stat().st_size} bytes -> {out.name}")


if __name__ == "__main__":
    main()
