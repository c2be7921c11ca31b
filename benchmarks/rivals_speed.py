"""The rivals of `speed.py`, each a whole program: `python benchmarks/rivals_speed.py NAME CORPUS OUT`.

All read JSON Lines (.gz too) and write a line for each cluster of two or more: `{"members": [ids]}`. rensa and
datasketch are used the way their own examples are: word 3-shingles in lower case, 128 permutations, an LSH index at
Jaccard .7 (the usual threshold), every pair it returns verified by the exact Jaccard of its shingles at .7, union-find.
Both run in one process, since neither comes with a way to use several. datatrove runs its four stages (signatures,
buckets, clusters, filter) at its defaults - word 5-grams, 14 buckets of 8, its English tokenizer, a blank spaCy that
needs no data - by its local executor with two workers, on the corpus cut into two files beforehand, since it parts work
by files; all that is asked of it beyond the defaults is the number of each article's cluster.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO

from measure import grouped

THRESHOLD = 0.7
PERMUTATIONS = 128
BANDS = 16  # of 8 rows: the split of 128 whose middle is at .7
BATCH = 1000  # articles handed to rensa at a time
WORKERS = 2

_WORD = re.compile(r"\w+")


def opened(path: Path) -> TextIO:
    """Open a text file, packed or not."""
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")


def read(path: Path) -> tuple[list[str], list[str]]:
    """Return the ids and texts of a corpus."""
    ids, texts = [], []
    with opened(path) as lines:
        for line in lines:
            row = json.loads(line)
            ids.append(row["id"])
            texts.append(row["text"])
    return ids, texts


def shingles(text: str) -> set[str]:
    """Return the word 3-shingles of a text; a shorter one is a shingle itself."""
    words = _WORD.findall(text.lower())
    return {" ".join(words[at : at + 3]) for at in range(max(1, len(words) - 2))}


def verified(ids: Sequence[str], texts: Sequence[str], met: Iterable[tuple[int, int]]) -> Iterator[tuple[str, str]]:
    """Yield the pairs whose exact Jaccard is at least `THRESHOLD`; shingles are made again, so that none is kept."""
    held = lru_cache(maxsize=4096)(lambda at: shingles(texts[at]))
    for a, b in sorted(met):
        one, other = held(a), held(b)
        shared = len(one & other)
        if shared >= THRESHOLD * (len(one) + len(other) - shared):
            yield ids[a], ids[b]


def rensa(corpus: Path, out: Path) -> None:
    """RMinHash and RMinHashLSH, batches handed to the compiled code."""
    from rensa import RMinHash, RMinHashLSH  # noqa: PLC0415

    ids, texts = read(corpus)
    index = RMinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS, num_bands=BANDS)
    sketches: list[Any] = []
    for at in range(0, len(texts), BATCH):
        some = [list(shingles(text)) for text in texts[at : at + BATCH]]
        sketches.extend(RMinHash.from_token_sets(some, PERMUTATIONS, 42))
    index.insert_many(sketches)
    met = {(min(i, j), max(i, j)) for i, near in enumerate(index.query_all(sketches)) for j in near if i != j}
    write(grouped(verified(ids, texts, met)), out)


def datasketch(corpus: Path, out: Path) -> None:
    """MinHash and MinHashLSH."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415

    ids, texts = read(corpus)
    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    met: set[tuple[int, int]] = set()
    for i, text in enumerate(texts):
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch([each.encode("utf-8", "surrogatepass") for each in shingles(text)])
        met.update((j, i) for j in index.query(sketch))
        index.insert(i, sketch)
    write(grouped(verified(ids, texts, met)), out)


def datatrove(corpus: Path, out: Path) -> None:
    """Run the four stages of datatrove's MinHash; `corpus` is a folder that holds `WORKERS` files."""
    from datatrove.executor import LocalPipelineExecutor  # noqa: PLC0415
    from datatrove.pipeline.dedup import (  # noqa: PLC0415
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.dedup.minhash import MinhashConfig  # noqa: PLC0415
    from datatrove.pipeline.readers import JsonlReader  # noqa: PLC0415
    from datatrove.pipeline.writers import JsonlWriter  # noqa: PLC0415

    config = MinhashConfig()
    with TemporaryDirectory() as folder:
        work = Path(folder)

        def stage(name: str, steps: Sequence[Any], tasks: int) -> None:
            LocalPipelineExecutor(
                pipeline=list(steps), tasks=tasks, workers=min(WORKERS, tasks), logging_dir=str(work / "logs" / name)
            ).run()

        def sources() -> Any:
            return JsonlReader(str(corpus))

        stage("1", [sources(), MinhashDedupSignature(str(work / "signatures"), config=config)], WORKERS)
        stage(
            "2",
            [MinhashDedupBuckets(str(work / "signatures"), str(work / "buckets"), config=config)],
            config.num_buckets,
        )
        stage(
            "3",
            [MinhashDedupCluster(str(work / "buckets"), str(work / "remove"), config=config, save_cluster_id=True)],
            1,
        )
        removed = JsonlWriter(str(work / "removed"))
        filtered = MinhashDedupFilter(str(work / "remove"), exclusion_writer=removed, load_cluster_ids=True)
        stage("4", [sources(), filtered, JsonlWriter(str(work / "kept"))], WORKERS)

        clusters: defaultdict[int, list[str]] = defaultdict(list)
        for path in sorted([*(work / "kept").iterdir(), *(work / "removed").iterdir()]):
            with opened(path) as lines:
                for line in lines:
                    row = json.loads(line)
                    if row["metadata"]["minhash_cluster_id"] >= 0:
                        clusters[row["metadata"]["minhash_cluster_id"]].append(row["id"])
        write(clusters.values(), out)


def write(clusters: Iterable[Sequence[str]], out: Path) -> None:
    """Write the clusters of two or more."""
    with out.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps({"members": each}) + "\n" for each in clusters if len(each) > 1)


RIVALS: dict[str, Callable[[Path, Path], None]] = {"rensa": rensa, "datasketch": datasketch, "datatrove": datatrove}

if __name__ == "__main__":
    RIVALS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
