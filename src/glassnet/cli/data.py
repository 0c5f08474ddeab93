"""`glassnet data`: list the built-in data sets; show or check one of them or the user's own."""

from pathlib import Path

import click

from glassnet.cli.data_check import check
from glassnet.cli.data_show import info, show
from glassnet.cli.echo import echo_json
from glassnet.cli.options import Choice, SuggestingGroup
from glassnet.cli.table import print_table


def list_(*, json: bool = False) -> None:
    """List the built-in data sets.

    Args:
        json: print JSON.
    """
    from glassnet.data.sources import cache
    from glassnet.data.sources.catalogue import CATALOGUE

    rows = [info(entry) | {"cached": cache.is_cached(entry)} for entry in CATALOGUE.values()]
    if json:
        echo_json(rows, indent=2)
        return
    header = ("name", "content", "examples", "size", "licence", "cached")
    table = [header] + [
        (
            row["name"],
            row["title"],
            f"{row['train']:,} + {row['test']:,}",
            f"{row['bytes'] / 1e6:.0f} MB",
            row["licence"],
            "yes" if row["cached"] else "no",
        )
        for row in rows
    ]
    print_table(table)


class DataCommands(SuggestingGroup):
    """The commands about data sets."""

    member = "data command"


_json = click.Option(["--json"], is_flag=True, help="Print JSON.")

_own_data = (
    click.Option(
        ["--image-size"], type=int, help="Own images: side in pixels to which all are resized."
    ),
    click.Option(
        ["--colour"],
        type=Choice(("auto", "grey", "rgb")),
        help="Own images: to what all are converted [grey if all are grey].",
    ),
    click.Option(
        ["--image-shape"],
        help="Own tables of pixels: 20x30 for 20 rows of 30 pixels, 20x30x3 in colour [square].",
    ),
    click.Option(["--image-column"], help="Own tables: the column of image paths [guessed]."),
    click.Option(["--text-column"], help="Own tables: the column of texts [guessed]."),
    click.Option(
        ["--label-column"], help="Own tables: the column of classes [guessed if there is one]."
    ),
    click.Option(
        ["--group-column"],
        help="Own tables: the column of groups, such as patients; each stays in one split.",
    ),
    click.Option(
        ["--group-pattern"],
        help="Own files: a regular expression whose group in a file's path is the file's group, "
        "such as (patient[0-9]+).",
    ),
    click.Option(
        ["--encoding"], help="Own tables and text files: their encoding, such as cp1252 [UTF-8]."
    ),
    click.Option(
        ["--splits"],
        help="Own data: none reads no splits; train=A,valid=B,test=C names folders, files or "
        "values of the split column [recognised by their names].",
    ),
)

command = DataCommands(
    "data",
    help="List the built-in data sets; show or check one of them or your own.",
    commands=[
        click.Command("list", params=[_json], callback=list_, help="List the built-in data sets."),
        click.Command(
            "show",
            params=[
                click.Argument(["name"]),
                click.Option(
                    ["--image", "image_path"],
                    type=click.Path(path_type=Path),
                    help="Images: write ten examples of each class to this PNG file.",
                ),
                *_own_data,
                _json,
            ],
            callback=show,
            help="Show a data set, built in or at the path of your own images or texts: class "
            "counts, examples, licence and citation. It is fetched first if it is not cached.",
        ),
        click.Command(
            "check",
            params=[
                click.Argument(["name"]),
                *_own_data,
                _json,
            ],
            callback=check,
            help="Read a data set as training does and report its problems: unreadable files, "
            "duplicates and near duplicates, examples in two splits, conflicting labels, small "
            "classes, unusual sizes, empty texts; and what training does about each. The exit code "
            "is 0 if the data set can be trained on, and 2 if training would refuse it.",
        ),
    ],
)
