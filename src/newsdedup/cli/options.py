"""The flags that several commands share, so that they are called and described alike."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

OutputFormat = Literal["text", "json", "jsonl", "csv", "markdown"]
ComparisonFormat = Literal["text", "json"]
EvaluationFormat = Literal["text", "json"]
CheckFormat = Literal["text", "json", "jsonl", "github", "sarif", "junit", "markdown"]
InputFormat = Literal["text", "json", "jsonl", "csv", "tsv"]

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Write nothing but the data, and errors.")]
Verbose = Annotated[
    int,
    typer.Option(
        "--verbose", "-v", count=True, help="Say more on stderr; twice: tracebacks too.", metavar="", show_default=False
    ),
]

InputFormatOption = Annotated[
    InputFormat | None,
    typer.Option(help="Read every file as this.  [default: by file name]", show_default=False),
]
Delimiter = Annotated[
    str | None,
    typer.Option(
        help="Regex of the line that parts articles in a text file, or 'none'.",
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
    typer.Option("--strict/--no-strict", help="Exit 2 when any record was rejected.", show_default=False),
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
        help="Merge pairs at or over this probability.  [default: 0.5]",
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
        help="Memory for pairing, as 2GiB.  [default: half of what is free]", metavar="SIZE", show_default=False
    ),
]
Profile = Annotated[
    bool, typer.Option("--profile", help="Print time and memory of every stage on stderr.", show_default=False)
]
Model = Annotated[
    str | None,
    typer.Option(help="Model file.  [default: the one that ships]", metavar="FILE", show_default=False),
]
StoreFile = Annotated[str | None, typer.Option("--store", help="File of a store.", metavar="FILE", show_default=False)]
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
        help="Write to FILE, all of it or nothing.  [default: standard output]",
        metavar="FILE",
        show_default=False,
    ),
]
OutputFormatOption = Annotated[OutputFormat, typer.Option("--format", "-f", help="Output format.")]
ComparisonFormatOption = Annotated[ComparisonFormat, typer.Option("--format", "-f", help="Output format.")]
EvaluationFormatOption = Annotated[EvaluationFormat, typer.Option("--format", "-f", help="Output format.")]
CheckFormatOption = Annotated[CheckFormat, typer.Option("--format", "-f", help="Output format.")]
