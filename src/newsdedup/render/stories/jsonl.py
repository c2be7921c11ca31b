"""`jsonl`: one compact JSON object per line, a story each, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from newsdedup.execution import Executor, NoProgress, Progress, split_range
from newsdedup.models import ResultLike, StoryList
from newsdedup.render.json_text import lone_to_json, to_json
from newsdedup.render.renderer import OutputFormat, Page

STORIES_PER_CHUNK = 200


def render(result: ResultLike, page: Page) -> None:
    """Write every story as one line of JSON."""
    page.stream.writelines(to_json(story) + "\n" for story in result.stories)


def render_chunks(stories: StoryList, executor: Executor, progress: Progress | None = None) -> Iterator[bytes]:
    """Yield the same lines in UTF-8, STORIES_PER_CHUNK at a time, rendered by the workers of a run."""
    progress = progress or NoProgress()
    progress.stage("write", len(stories))
    for chunk in executor.map(_render_chunk, stories, split_range(len(stories), STORIES_PER_CHUNK)):
        yield chunk
        progress.advance(STORIES_PER_CHUNK)


def _render_chunk(stories: StoryList, chunk: range) -> bytes:
    return "".join([_render_line(stories, i) + "\n" for i in chunk]).encode()


def _render_line(stories: StoryList, index: int) -> str:
    lone = stories.get_lone(index)
    return to_json(stories[index]) if lone is None else lone_to_json(lone)


FORMAT = OutputFormat(render, one_pass=True, render_chunks=render_chunks)
