"""What a run works with: its settings, models, executor, temporary files and progress display."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from threadpoolctl import threadpool_limits

from newsdedup.config import Config
from newsdedup.engine.executor import LocalExecutor
from newsdedup.engine.workspace import Workspace
from newsdedup.execution import Executor, NoProgress, Progress
from newsdedup.idf import IdfTable, load_idf_table
from newsdedup.score import Model, load_model

# Articles and pairs in one task of a worker.
ARTICLES_PER_CHUNK = 200
PAIRS_PER_CHUNK = 500


@dataclass(frozen=True)
class RunContext:
    """Settings and resources of a run."""

    config: Config
    idf_table: IdfTable
    model: Model
    executor: Executor
    workspace: Workspace
    progress: Progress


@contextmanager
def limit_threads() -> Iterator[None]:
    """Let matrix operations use one thread until the block ends: the matrices are small, and more threads cost more."""
    with threadpool_limits(limits=1, user_api="blas"):
        yield


@contextmanager
def open_context(config: Config | None = None, progress: Progress | None = None) -> Iterator[RunContext]:
    """Yield a context whose temporary files are removed when the block ends, with `limit_threads` in force until then.

    Raises ModelError if `config.model` cannot be used, and OutputError if no temporary folder can be created.
    """
    with limit_threads(), open_context_only(config, progress) as context:
        yield context


@contextmanager
def open_context_only(config: Config | None = None, progress: Progress | None = None) -> Iterator[RunContext]:
    """Do what `open_context` does, but leave the threads of the process as they are."""
    config = config or Config()
    with Workspace() as workspace:
        model = load_model(Path(config.model) if config.model is not None else None)
        executor = LocalExecutor(config.workers or os.cpu_count() or 1)
        yield RunContext(config, load_idf_table(), model, executor, workspace, progress or NoProgress())
