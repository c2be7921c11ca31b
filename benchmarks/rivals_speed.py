"""The rivals of `speed.py`, each a whole program: `python benchmarks/rivals_speed.py NAME CORPUS OUT`.

All read JSON Lines (also .gz) and write a line for each cluster of two or more: `{"members": [ids]}`. rensa and
datasketch are used as in their own examples: word 3-shingles in lower case, 128 permutations, an LSH index at Jaccard
.7 (the usual threshold), every returned pair verified by the exact Jaccard of its shingles at .7, union-find. Both run
in one process, since neither offers more. datatrove runs its four stages (signatures, buckets, clusters, filter) at its
defaults - word 5-grams, 14 buckets of 8, its English tokenizer, a blank spaCy that needs no data - with its local
executor and two workers. The corpus is split into two files beforehand, since it distributes work by files. The only
setting beyond the defaults is that it saves the cluster id of each article.
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

from measure import group_pairs

THRESHOLD = 0.7
PERMUTATIONS = 128
BANDS = 16  # of 8 rows: the split of 128 with its midpoint at .7
BATCH = 1000  # articles passed to rensa at a time
WORKERS = 2

_WORD = re.compile(r"\w+")


def open_text(path: Path) -> TextIO:
    """Open a text file, gzipped or not."""
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")


def read_corpus(path: Path) -> tuple[list[str], list[str]]:
    """Return the ids and texts of a corpus."""
    ids, texts = [], []
    with open_text(path) as lines:
        for line in lines:
            row = json.loads(line)
            ids.append(row["id"])
            texts.append(row["text"])
    return ids, texts


def make_shingles(text: str) -> set[str]:
    """Return the word 3-shingles of a text; a shorter text is one shingle."""
    words = _WORD.findall(text.lower())
    return {" ".join(words[start : start + 3]) for start in range(max(1, len(words) - 2))}


def verify_pairs(
    ids: Sequence[str], texts: Sequence[str], pairs: Iterable[tuple[int, int]]
) -> Iterator[tuple[str, str]]:
    """Yield the pairs whose exact Jaccard is at least THRESHOLD; shingles are recomputed to save memory."""
    cached_shingles = lru_cache(maxsize=4096)(lambda i: make_shingles(texts[i]))
    for a, b in sorted(pairs):
        shingles_a, shingles_b = cached_shingles(a), cached_shingles(b)
        shared = len(shingles_a & shingles_b)
        if shared >= THRESHOLD * (len(shingles_a) + len(shingles_b) - shared):
            yield ids[a], ids[b]


def run_rensa(corpus: Path, out_path: Path) -> None:
    """Run RMinHash and RMinHashLSH, in batches."""
    from rensa import RMinHash, RMinHashLSH  # noqa: PLC0415

    ids, texts = read_corpus(corpus)
    index = RMinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS, num_bands=BANDS)
    sketches: list[Any] = []
    for start in range(0, len(texts), BATCH):
        token_sets = [list(make_shingles(text)) for text in texts[start : start + BATCH]]
        sketches.extend(RMinHash.from_token_sets(token_sets, PERMUTATIONS, 42))
    index.insert_many(sketches)
    pairs = {
        (min(i, j), max(i, j)) for i, neighbours in enumerate(index.query_all(sketches)) for j in neighbours if i != j
    }
    write_clusters(group_pairs(verify_pairs(ids, texts, pairs)), out_path)


def run_datasketch(corpus: Path, out_path: Path) -> None:
    """Run MinHash and MinHashLSH."""
    from datasketch import MinHash, MinHashLSH  # noqa: PLC0415

    ids, texts = read_corpus(corpus)
    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    pairs: set[tuple[int, int]] = set()
    for i, text in enumerate(texts):
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch([shingle.encode("utf-8", "surrogatepass") for shingle in make_shingles(text)])
        pairs.update((j, i) for j in index.query(sketch))
        index.insert(i, sketch)
    write_clusters(group_pairs(verify_pairs(ids, texts, pairs)), out_path)


def run_datatrove(corpus: Path, out_path: Path) -> None:
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

        def run_stage(name: str, steps: Sequence[Any], tasks: int) -> None:
            LocalPipelineExecutor(
                pipeline=list(steps), tasks=tasks, workers=min(WORKERS, tasks), logging_dir=str(work / "logs" / name)
            ).run()

        def make_reader() -> Any:
            return JsonlReader(str(corpus))

        run_stage("1", [make_reader(), MinhashDedupSignature(str(work / "signatures"), config=config)], WORKERS)
        run_stage(
            "2",
            [MinhashDedupBuckets(str(work / "signatures"), str(work / "buckets"), config=config)],
            config.num_buckets,
        )
        run_stage(
            "3",
            [MinhashDedupCluster(str(work / "buckets"), str(work / "remove"), config=config, save_cluster_id=True)],
            1,
        )
        removed = JsonlWriter(str(work / "removed"))
        filtered = MinhashDedupFilter(str(work / "remove"), exclusion_writer=removed, load_cluster_ids=True)
        run_stage("4", [make_reader(), filtered, JsonlWriter(str(work / "kept"))], WORKERS)

        clusters: defaultdict[int, list[str]] = defaultdict(list)
        for path in sorted([*(work / "kept").iterdir(), *(work / "removed").iterdir()]):
            with open_text(path) as lines:
                for line in lines:
                    row = json.loads(line)
                    if row["metadata"]["minhash_cluster_id"] >= 0:
                        clusters[row["metadata"]["minhash_cluster_id"]].append(row["id"])
        write_clusters(clusters.values(), out_path)


def write_clusters(clusters: Iterable[Sequence[str]], out_path: Path) -> None:
    """Write the clusters of two or more articles."""
    with out_path.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps({"members": cluster}) + "\n" for cluster in clusters if len(cluster) > 1)


RIVALS: dict[str, Callable[[Path, Path], None]] = {
    "rensa": run_rensa,
    "datasketch": run_datasketch,
    "datatrove": run_datatrove,
}

if __name__ == "__main__":
    RIVALS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
