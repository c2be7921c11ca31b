"""Flags that several commands share, so that their names and help texts agree."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial, wraps
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from newsdedup.cli.verbosity import Session
from newsdedup.registry import list_input_formats, list_output_formats

if TYPE_CHECKING:  # a type checker does not know the files that define the formats
    InputFormat = str
    StoriesFormat = str
    ComparisonFormat = str
    EvaluationFormat = str
    CheckFormat = str
    StoreFormat = str
else:
    InputFormat = Literal[list_input_formats()]
    StoriesFormat = Literal[list_output_formats("stories")]
    ComparisonFormat = Literal[list_output_formats("comparison")]
    EvaluationFormat = Literal[list_output_formats("evaluation")]
    CheckFormat = Literal[list_output_formats("check")]
    StoreFormat = Literal[list_output_formats("store")]

# A flag without a default of its own: its help text says what applies without it.
option = partial(typer.Option, show_default=False)
argument = partial(typer.Argument, show_default=False)

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the data and errors.")]
Verbose = Annotated[
    int, option("--verbose", "-v", count=True, metavar="", help="Print more to standard error; -vv adds tracebacks.")
]
RejectedFile = Annotated[
    str | None, option("--rejected", help="Write the rejected records to FILE as JSON Lines.", metavar="FILE")
]
Profile = Annotated[bool, option("--profile", help="Print time and memory of every stage to standard error.")]
StoreFile = Annotated[str | None, option("--store", help="Store file.", metavar="FILE")]
Output = Annotated[
    str | None, option("--output", "-o", help="Write to FILE, atomically.  [default: standard output]", metavar="FILE")
]
_FORMAT = typer.Option("--format", "-f", help="Output format.")
StoriesFormatOption = Annotated[StoriesFormat, _FORMAT]
ComparisonFormatOption = Annotated[ComparisonFormat, _FORMAT]
EvaluationFormatOption = Annotated[EvaluationFormat, _FORMAT]
CheckFormatOption = Annotated[CheckFormat, _FORMAT]
StoreFormatOption = Annotated[StoreFormat, _FORMAT]

_SETTINGS: dict[str, Any] = {
    "input_format": Annotated[InputFormat | None, option(help="Format of all input files.  [default: by file name]")],
    "delimiter": Annotated[
        str | None,
        option(help="Regex of the line that separates articles in a text file, or 'none'.", metavar="REGEX|none"),
    ],
    "encoding": Annotated[str | None, option(help="Encoding of the input.  [default: detected]", metavar="NAME")],
    "strict": Annotated[bool | None, option("--strict/--no-strict", help="Exit 2 if any record is rejected.")],
    "min_probability": Annotated[
        float | None,
        option(min=0, max=1, metavar="0..1", help="Merge pairs of at least this probability.  [default: 0.5]"),
    ],
    "workers": Annotated[int | None, option(min=1, metavar="N", help="Number of processes.  [default: all cores]")],
    "memory": Annotated[
        str | None, option(help="Memory for matching, e.g. 2GiB.  [default: half of the free memory]", metavar="SIZE")
    ],
    "model": Annotated[str | None, option(help="Model file.  [default: the bundled model]", metavar="FILE")],
    "base": Annotated[
        Literal["best", "longest", "earliest", "latest"] | None,
        option(help="How the base of a story is chosen.  [default: best]"),
    ],
    "prefer_sources": Annotated[
        str | None, option(help="Prefer articles of these sources as the base, in this order.", metavar="NAME,...")
    ],
    "additions": Annotated[
        Literal["merge", "list", "none"] | None,
        option(help="Sentences that only other variants have: into the text, listed, or left out.  [default: merge]"),
    ],
    "store": StoreFile,
    "wait": Annotated[
        float | None, option(min=0, help="Seconds to wait for another writer.  [default: 10]", metavar="SECONDS")
    ],
}
"""The flags that set a field of `Config`, by its name."""


def command(*settings: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Return a decorator that makes a function a command: it is called with the session and its flags.

    To its flags it adds those of the `settings`, whose values are in `session.settings`, and at the end `-q` and `-v`.
    The function's keyword-only flags come after those of the settings, as `--help` lists them.
    """

    def decorate(function: Callable[..., int]) -> Callable[..., int]:
        @wraps(function)
        def run(context: typer.Context, *, quiet: bool, verbose: int, **flags: object) -> int:
            session = context.ensure_object(Session)
            session.add_flags(quiet=quiet, verbose=verbose)
            session.settings = {name: flags.pop(name) for name in settings}
            return function(session, **flags)

        # typer reads the flags from the signature.
        run.__signature__ = _add_flags(function, settings)  # type: ignore[attr-defined]
        return run

    return decorate


_create_flag = partial(inspect.Parameter, kind=inspect.Parameter.KEYWORD_ONLY)


def _add_flags(function: Callable[..., int], settings: tuple[str, ...]) -> inspect.Signature:
    _, *parameters = inspect.signature(function, eval_str=True).parameters.values()
    flags = [
        _create_flag("context", annotation=typer.Context),
        *(param.replace(kind=param.KEYWORD_ONLY) for param in parameters if param.kind is not param.KEYWORD_ONLY),
        *(_create_flag(name, annotation=_SETTINGS[name], default=None) for name in settings),
        *(param for param in parameters if param.kind is param.KEYWORD_ONLY),
        _create_flag("quiet", annotation=Quiet, default=False),
        _create_flag("verbose", annotation=Verbose, default=0),
    ]
    return inspect.Signature(flags)
