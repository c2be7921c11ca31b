"""Build the IDF table that ships with the package.

usage: python benchmarks/idf.py ARTICLES.jsonl.gz [OUT.npz]

ARTICLES: JSON Lines with `title` and `text`. Stems in fewer than three articles are left out.
"""

from __future__ import annotations

import collections
import gzip
import json
import math
import sys
from pathlib import Path

import numpy as np

from newsdedup.idf import VERSION, hash_word
from newsdedup.text import split_words, stem

OUT = Path(__file__).parent.parent / "src" / "newsdedup" / "data" / "background.npz"


def main() -> None:
    """Count document frequencies and write the table."""
    source, out_path = Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else OUT
    frequency: collections.Counter[str] = collections.Counter()
    seen: set[str] = set()
    articles = 0
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            text = f"{record.get('title') or ''}\n{record['text']}"
            if text in seen:
                continue
            seen.add(text)
            articles += 1
            frequency.update({stem(word) for word in split_words(text)})
    table = {
        hash_word(name) & 0xFFFFFFFF: round(255 * math.log((articles + 1) / (count + 1)) / math.log(articles + 1))
        for name, count in frequency.items()
        if count >= 3
    }
    keys = np.array(sorted(table), dtype=np.uint32)
    rarities = np.array([table[int(key)] for key in keys], dtype=np.uint8)
    np.savez_compressed(out_path, header=np.array([VERSION, articles]), keys=keys, rarities=rarities)
    print(f"{articles} articles, {len(keys)} stems, {out_path.stat().st_size} bytes -> {out_path.name}")


if __name__ == "__main__":
    main()
