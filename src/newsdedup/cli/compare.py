"""`newsdedup compare A B`: explain one pair of articles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from newsdedup.cli.options import ComparisonFormatOption, Output, argument, command
from newsdedup.cli.output import check_output, write_report
from newsdedup.cli.verbosity import Session
from newsdedup.errors import InputError

if TYPE_CHECKING:
    from newsdedup.config import Config
    from newsdedup.models import Article

_MAX_LISTED_IDS = 10
"""Maximum number of ids in an error message."""

First = Annotated[str, argument(help="File with one article, or 'FILE#n' for its n-th record.", metavar="A")]
Second = Annotated[str, argument(help="The other article.", metavar="B")]


@command("input_format", "delimiter", "encoding", "min_probability", "model")
def compare(
    session: Session, a: First, b: Second, output_format: ComparisonFormatOption = "text", output: Output = None
) -> int:
    """Explain one pair of articles.

    Prints the probability, the effect of each signal on it, the relation, the sentences side by side with the differing
    words marked, and what cleaning removed.
    """
    from newsdedup.config import load_config  # noqa: PLC0415 - `--help` loads no stage
    from newsdedup.engine import compare as compare_pair  # noqa: PLC0415
    from newsdedup.render import load_format  # noqa: PLC0415

    config = load_config(session.settings)
    comparison_format = load_format("comparison", output_format)
    check_output(output, inputs=[a, b, *filter(None, [session.settings["model"]])])
    if a == b == "-":
        raise InputError("A and B cannot both be standard input; save one of them to a file")
    comparison = compare_pair(pick_article(a, config), pick_article(b, config), config)
    write_report(comparison, comparison_format, output)
    return 0


def pick_article(name: str, config: Config) -> Article:
    """Return the article that `name` selects: `path`, `path#n` for the n-th record, or `path#id`.

    Raises InputError if there is no such article, if it was rejected, or if `name` fits several.
    """
    from newsdedup.models import Article, Rejected  # noqa: PLC0415
    from newsdedup.readers import load  # noqa: PLC0415

    path, selector = _split_selector(name)
    articles: list[Article] = []
    rejected: list[Rejected] = []
    for item in load([path], config):
        if isinstance(item, Article):
            if selector == str(item.record):
                return item
            articles.append(item)
        elif isinstance(item, Rejected):
            if selector == str(item.record):
                raise InputError(f"{name} cannot be used: {item.reason}")
            rejected.append(item)
    matches = [article for article in articles if selector in {None, article.article_id}]
    if len(matches) == 1:
        return matches[0]
    if selector is None and not articles and rejected:
        raise InputError(f"{name} cannot be used: {rejected[0].reason}")
    if not articles:
        raise InputError(f"{name} contains no article")
    choices = [_format_choice(path, article) for article in articles]
    more = f" and {len(choices) - _MAX_LISTED_IDS:,} more" if len(choices) > _MAX_LISTED_IDS else ""
    problem = f"contains {len(choices):,} articles" if selector is None else f"has no article '{selector}'"
    raise InputError(f"{path} {problem}; choose one: {', '.join(choices[:_MAX_LISTED_IDS])}{more}")


def _split_selector(name: str) -> tuple[str, str | None]:
    """Split `path#record` into path and selector. A name with a `#` that is an existing file has no selector."""
    path, separator, selector = name.rpartition("#")
    return (path, selector) if separator and path and selector and not Path(name).exists() else (name, None)


def _format_choice(path: str, article: Article) -> str:
    """Return the argument that selects the article: its file if `path` is a folder, else its record in the file."""
    return article.path if article.path != path and Path(path).is_dir() else f"{path}#{article.record}"
