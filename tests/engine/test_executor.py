"""Tasks in processes of this machine: in order, on demand, and stopped cleanly."""

from __future__ import annotations

def _squares(offset: int, chunk: range) -> list[int]:
    return [offset + i * i for i in chunk]


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 5, 100])
def test_results_come_in_the_order_of_tasks(workers: int, count: int) -> None:
    """For any number of tasks from an iterator, and any number of workers."""
    results = [x for part in map_chunks(_squares, 3, iter(split_range(count, 2)), workers) for x in part]
    assert results == [3 + i * i for i in range(count)]


def test_results_do_not_pile_up() -> None:
    """Tasks are started only as results are read, so a slow reader does not make memory grow."""
    started = []

    def tasks() -> Iterator[range]:
        for i in range(100):
            started.append(i)
            yield range(i, i + 1)

    results = map_chunks(_squares, 0, tasks(), 2)
    next(results)
    assert len(started) < 20
    results.close()


CLOSED_EARLY = """
from newsdedup.engine.executor import map_chunks

def make_bytes(size, chunk):
    return bytes(size)

results = map_chunks(make_bytes, 1 << 26, (range(i, i + 1) for i in range(20)), 2)
next(results)
results.close()
print("ended")
"""


def test_closing_results_early_does_not_hang() -> None:
    """A worker that is terminated while it sends more than a pipe holds leaves half a result behind."""
    command = [sys.executable, "-c", CLOSED_EARLY]
    assert subprocess.run(command, capture_output=True, timeout=60, check=True).stdout == b"ended\n"
