"""`newsdedup compare A B`: one pair explained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from newsdedup.cli.options import (
    ComparisonFormatOption,
    Delimiter,
    Encoding,
    InputFormatOption,
    MinProbability,
    Model,
    Output,
    Quiet,
    Verbose,
)
from newsdedup.cli.verbosity import Session
from newsdedup.errors import InputError

if TYPE_CHECKING:
    from newsdedup.config import Config
    from newsdedup.models import Article

_LISTED = 10
"""Ids an error message lists at most."""

_ARTICLE = "A file that holds one article, or 'FILE#n' for its n-th record."
First = Annotated[str, typer.Argument(help=_ARTICLE, metavar="A", show_default=False)]
Second = Annotated[str, typer.Argument(help="The other one.", metavar="B", show_default=False)]


def compare(  # noqa: PLR0913, PLR0917 - one argument a flag
    context: typer.Context,
    a: First,
    b: Second,
    output_format: ComparisonFormatOption = "text",
    output: Output = None,
    input_format: InputFormatOption = None,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    min_probability: MinProbability = None,
    model: Model = None,
    quiet: Quiet = False,
    verbose: Verbose = 0,
) -> int:
    """Explain one pair of articles.

    Prints the score, each signal's part in it, the relation, the sentences side by side with the differing words
    marked, and what was cleaned away.
    """
    from newsdedup.cli.output import check_output, open_output  # noqa: PLC0415 - `--help` loads no stage
    from newsdedup.config import load_config  # noqa: PLC0415
    from newsdedup.engine import compare as explain  # noqa: PLC0415
    from newsdedup.render import render_comparison  # noqa: PLC0415

    context.ensure_object(Session).adopt(quiet=quiet, verbose=verbose)
    config = load_config(
        {
            "input_format": input_format,
            "delimiter": delimiter,
            "encoding": encoding,
            "min_probability": min_probability,
            "model": model,
        }
    )
    check_output(output, inputs=[a, b, *filter(None, (model,))])
    if a == b == "-":
        raise InputError("A and B cannot both be standard input; save one of them to a file")
    comparison = explain(pick(a, config), pick(b, config), config)
    with open_output(output) as target:
        render_comparison(comparison, output_format, target.stream, width=target.width, colour=target.colour)
    return 0


def pick(name: str, config: Config) -> Article:
    """Return the one article `name` stands for: a path, or `path#n` for the n-th record, or `path#id`.

    Raises InputError where there is none, where it was rejected, or where a choice must be made.
    """
    from newsdedup.models import Article, Rejected  # noqa: PLC0415
    from newsdedup.readers import load  # noqa: PLC0415

    path, chosen = _split(name)
    articles: list[Article] = []
    refused: list[Rejected] = []
    for item in load([path], config):
        if isinstance(item, Article):
            if chosen == str(item.record):
                return item
            articles.append(item)
        elif isinstance(item, Rejected):
            if chosen == str(item.record):
                raise InputError(f"{name} cannot be used: {item.reason}")
            refused.append(item)
    meant = [article for article in articles if chosen in {None, article.article_id}]
    if len(meant) == 1:
        return meant[0]
    if chosen is None and not articles and refused:
        raise InputError(f"{name} cannot be used: {refused[0].reason}")
    if not articles:
        raise InputError(f"{name}: there is no article in it")
    ids = [_choice(path, article) for article in articles]
    more = f" and {len(ids) - _LISTED:,} more" if len(ids) > _LISTED else ""
    problem = f"holds {len(ids):,} articles" if chosen is None else f"has no article '{chosen}'"
    raise InputError(f"{path} {problem}; choose one: {', '.join(ids[:_LISTED])}{more}")


def _split(name: str) -> tuple[str, str | None]:
    """Part `path#record`; a file whose own name holds a `#` is itself."""
    path, mark, chosen = name.rpartition("#")
    return (path, chosen) if mark and path and chosen and not Path(name).exists() else (name, None)


def _choice(path: str, article: Article) -> str:
    """Return what to type for the article: in a folder its own file, in a file its record."""
    return article.path if article.path != path and Path(path).is_dir() else f"{path}#{article.record}"
