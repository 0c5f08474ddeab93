"""`glassnet data`: the catalogue, one data set at a glance, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import click

from glassnet.cli.data_check import check
from glassnet.cli.data_show import info, show
from glassnet.cli.options import Choice, SuggestingGroup
from glassnet.cli.table import print_json, print_table


def list_(*, json: bool = False) -> None:
    """List the built-in data sets.

    Args:
        json: print JSON for a program to read.
    """
    from glassnet.data.sources import cache
    from glassnet.data.sources.catalogue import CATALOGUE

    rows = [info(entry) | {"cached": cache.holds(entry)} for entry in CATALOGUE.values()]
    if json:
        print_json(rows)
        return
    columns = ("name", "what", "examples", "size", "licence", "cached")
    table = [columns] + [
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

_columns = (
    click.Option(["--text-column"], help="Own tables: the column of texts [guessed]."),
    click.Option(["--label-column"], help="Own tables: the column of classes [guessed]."),
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
                    ["--picture"],
                    type=click.Path(path_type=Path),
                    help="Images: write a contact sheet, ten of each class, to this PNG file.",
                ),
                click.Option(
                    ["--image-size", "size"], type=int, help="Own images: the side that all become."
                ),
                *_columns,
                _json,
            ],
            callback=show,
            help="Show one data set, built in or the path of your own images or texts: class "
            "counts, examples, licence and citation. It is fetched first if the cache lacks it.",
        ),
        click.Command(
            "check",
            params=[
                click.Argument(["name"]),
                click.Option(
                    ["--image-size", "size"], type=int, help="Images: the side that all become."
                ),
                click.Option(
                    ["--colour"],
                    type=Choice(("auto", "grey", "rgb")),
                    help="Images: what all become [grey if all are].",
                ),
                *_columns,
                _json,
            ],
            callback=check,
            help="Read a data set as training does, and say what is wrong with it: files that "
            "cannot be read, copies and near copies, an example in two parts, contrary labels, "
            "classes with few examples, odd sizes, empty texts; and what training does with each. "
            "The exit code is 0 if a training would go, and 2 if it would refuse.",
        ),
    ],
)
