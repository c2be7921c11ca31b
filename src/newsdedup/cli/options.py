"""Flags that several commands share, so that their names and help texts agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

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

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the data and errors.")]
Verbose = Annotated[
    int,
    typer.Option(
        "--verbose",
        "-v",
        count=True,
        help="Print more to standard error; -vv adds tracebacks.",
        metavar="",
        show_default=False,
    ),
]

InputFormatOption = Annotated[
    InputFormat | None,
    typer.Option(help="Format of all input files.  [default: by file name]", show_default=False),
]
Delimiter = Annotated[
    str | None,
    typer.Option(
        help="Regex of the line that separates articles in a text file, or 'none'.",
        metavar="REGEX|none",
        show_default=False,
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(help="Encoding of the input.  [default: detected]", metavar="NAME", show_default=False),
]
Strict = Annotated[
    bool | None,
    typer.Option("--strict/--no-strict", help="Exit 2 if any record is rejected.", show_default=False),
]
RejectedFile = Annotated[
    str | None,
    typer.Option(
        "--rejected", help="Write the rejected records to FILE as JSON Lines.", metavar="FILE", show_default=False
    ),
]
MinProbability = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=1,
        metavar="0..1",
        help="Merge pairs of at least this probability.  [default: 0.5]",
        show_default=False,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Number of processes.  [default: all cores]", show_default=False),
]
Memory = Annotated[
    str | None,
    typer.Option(
        help="Memory for matching, e.g. 2GiB.  [default: half of the free memory]", metavar="SIZE", show_default=False
    ),
]
Profile = Annotated[
    bool, typer.Option("--profile", help="Print time and memory of every stage to standard error.", show_default=False)
]
Model = Annotated[
    str | None,
    typer.Option(help="Model file.  [default: the bundled model]", metavar="FILE", show_default=False),
]
StoreFile = Annotated[str | None, typer.Option("--store", help="Store file.", metavar="FILE", show_default=False)]
Wait = Annotated[
    float | None,
    typer.Option(
        min=0, help="Seconds to wait for another writer.  [default: 10]", metavar="SECONDS", show_default=False
    ),
]
Output = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        help="Write to FILE, atomically.  [default: standard output]",
        metavar="FILE",
        show_default=False,
    ),
]
StoriesFormatOption = Annotated[StoriesFormat, typer.Option("--format", "-f", help="Output format.")]
ComparisonFormatOption = Annotated[ComparisonFormat, typer.Option("--format", "-f", help="Output format.")]
EvaluationFormatOption = Annotated[EvaluationFormat, typer.Option("--format", "-f", help="Output format.")]
CheckFormatOption = Annotated[CheckFormat, typer.Option("--format", "-f", help="Output format.")]
StoreFormatOption = Annotated[StoreFormat, typer.Option("--format", "-f", help="Output format.")]
