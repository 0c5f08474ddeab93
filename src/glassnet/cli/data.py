"""`glassnet data`: what is in the catalogue, and one data set at a glance."""

from __future__ import annotations

import os
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glassnet.cli.options import SuggestingGroup
from glassnet.cli.table import print_table
from glassnet.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

    from glassnet.contract import Split, Splits
    from glassnet.data.catalogue import Entry

WIDTH = 80
SEED = 0
"""The seed of the validation split that `show` counts, the default of a training."""

EXAMPLE = 14
"""Columns, and half as many lines, of one example in the terminal; five stand side by side."""

SHADES = " .:-=+*#%@"
SHEET_EXAMPLES, SHEET_SCALE, SHEET_GAP, SHEET_GROUND = 10, 2, 8, 96


def list_(*, json: bool = False) -> None:
    """List the built-in data sets.

    Args:
        json: print JSON for a program to read.
    """
    from glassnet.data import cache
    from glassnet.data.catalogue import CATALOGUE

    rows = [_facts(entry) | {"cached": cache.holds(entry)} for entry in CATALOGUE.values()]
    if json:
        _print_json(rows)
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


def show(
    name: str,
    *,
    picture: Path | None = None,
    text_column: str | None = None,
    label_column: str | None = None,
    json: bool = False,
) -> None:
    """Show one data set: class counts, fingerprint and examples, licence and citation if known.

    One of the catalogue is fetched first if it is not in the cache.

    Args:
        name: a name that `glassnet data list` gives, or the path of one's own images or texts.
        picture: images only: write a contact sheet, ten of each class, to this PNG file.
        text_column, label_column: own tables of texts only: the columns' names.
        json: print JSON for a program to read.
    """
    from glassnet import atomic
    from glassnet.data.load import find, is_path, kind_of, load

    entry = None if is_path(name) else find(name)
    columns = {"text_column": text_column, "label_column": label_column}
    if kind_of(name) == "texts":
        if picture:
            raise UsageError(f"--picture {picture}: {name} holds texts", "leave --picture out")
        _show_texts(name, entry, columns, json)
        return
    if text_column is not None or label_column is not None:
        raise UsageError(f"{name} holds images, which have no columns", "leave the column out")
    if picture and picture.suffix.lower() != ".png":
        raise UsageError(
            f"--picture {picture}: only PNG can be written", "give a file name that ends in .png"
        )
    splits = load(name, seed=SEED)
    if picture:
        atomic.write(picture, contact_sheet(splits.train, len(splits.class_names)))
        print(f"wrote {picture}", file=sys.stderr)
    shape = {"shape": splits.train.inputs.shape[1:], "dtype": str(splits.train.inputs.dtype)}
    description = (_published(entry) if entry else {}) | _description(splits, "images") | shape
    if json:
        _print_json(description | {"picture": str(picture) if picture else None})
        return
    _print_description(description)
    print(_terminal_picture(splits))


def _show_texts(name: str, entry: Entry | None, columns: dict[str, str | None], json: bool) -> None:
    from dataclasses import asdict

    from glassnet.data import text_facts, texts

    splits = texts.load(name, seed=SEED, **columns)  # type: ignore[arg-type]
    description = (_published(entry) if entry else {}) | _description(splits, "texts")
    description["words"] = asdict(text_facts.lengths(splits.train.inputs))
    description["examples"] = {
        told: text_facts.examples(splits.train, label)
        for label, told in enumerate(splits.class_names)
    }
    if json:
        _print_json(description)
        return
    _print_description(description)
    for told, examples in description["examples"].items():
        print(f"\n{told}")
        for example in examples:
            print(textwrap.indent(textwrap.fill(example, WIDTH - 2, break_on_hyphens=False), "  "))


def contact_sheet(split: Split, n_classes: int) -> bytes:
    """A PNG with a row per class, ten examples each, enlarged without smoothing."""
    import io

    import numpy as np
    from PIL import Image

    _, height, width, *channels = split.inputs.shape
    step_y, step_x = height * SHEET_SCALE + SHEET_GAP, width * SHEET_SCALE + SHEET_GAP
    sheet = np.full(
        (n_classes * step_y + SHEET_GAP, SHEET_EXAMPLES * step_x + SHEET_GAP, *channels),
        SHEET_GROUND,
        np.uint8,
    )
    for label in range(n_classes):
        examples = split.inputs[np.flatnonzero(split.labels == label)[:SHEET_EXAMPLES]]
        for column, image in enumerate(examples):
            top, left = SHEET_GAP + label * step_y, SHEET_GAP + column * step_x
            large = image.repeat(SHEET_SCALE, axis=0).repeat(SHEET_SCALE, axis=1)
            sheet[top : top + len(large), left : left + len(large[0])] = large
    stream = io.BytesIO()
    Image.fromarray(sheet).save(stream, "png")
    return stream.getvalue()


def _facts(entry: Entry) -> dict[str, Any]:
    """What is known of a data set without loading it."""
    return {
        "name": entry.name,
        "title": entry.title,
        "kind": entry.kind,
        "train": entry.n_train,
        "test": entry.n_test,
        "unlabelled": entry.n_unlabelled,
        "bytes": sum(file.size for file in entry.files),
        "licence": entry.licence,
    }


def _published(entry: Entry) -> dict[str, Any]:
    """What the catalogue says of a data set."""
    from glassnet.data import cache

    return _facts(entry) | {
        "holder": entry.holder,
        "citation": entry.citation,
        "homepage": entry.homepage,
        "note": entry.note,
        "path": str(cache.folder(entry)),
    }


def _description(splits: Splits, kind: str) -> dict[str, Any]:
    """What its content says of a data set."""
    import numpy as np

    parts = {"train": splits.train, "valid": splits.valid, "test": splits.test}
    names = splits.class_names
    return {
        "name": splits.name,
        "kind": kind,
        "seed": SEED,
        "classes": names,
        "counts": {
            part: np.bincount(split.labels, minlength=len(names)).tolist()
            for part, split in parts.items()
        },
        "fingerprint": splits.fingerprint,
    }


def _print_description(description: dict[str, Any]) -> None:
    counts: dict[str, list[int]] = description["counts"]
    own = f"your own {description['kind']}"
    print(f"{description['name']}: {description.get('title', own)}\n")
    for key, text in _facts_in_words(description).items():
        print(_wrapped(key, text))
    names: list[str] = description["classes"]
    width = max(map(len, ["class", *names]))
    print(f"\n{'class':{width}}" + "".join(f"{part:>9}" for part in counts))
    for name, *row in zip(names, *counts.values(), strict=True):
        print(f"{name:{width}}" + "".join(f"{count:>9,}" for count in row))


def _facts_in_words(description: dict[str, Any]) -> dict[str, str]:
    """Key -> text, in the order in which they are read; own images have no licence."""
    n = {part: f"{sum(counts):,}" for part, counts in description["counts"].items()}
    published = "licence" in description
    held_out = f" (held out of the training set, seed {description['seed']})" if published else ""
    content = {
        "examples": f"{n['train']} train, {n['valid']} valid{held_out}, {n['test']} test"
    } | _form_in_words(description)
    fingerprint = {"fingerprint": description["fingerprint"]}
    if not published:
        return content | fingerprint
    rights = {
        "licence": f"{description['licence']}; rights: {description['holder']}",
        "citation": description["citation"],
        "homepage": description["homepage"],
    }
    note = {"note": description["note"]} if description["note"] else {}
    place = {"size": f"{description['bytes']:,} bytes", "cached in": description["path"]}
    return rights | note | content | place | fingerprint


def _form_in_words(description: dict[str, Any]) -> dict[str, str]:
    """What one example is like."""
    if description["kind"] == "images":
        shape = " x ".join(map(str, description["shape"]))
        return {"shape": f"{shape} {description['dtype']}"}
    words = description["words"]
    length = (
        f"{words['median']:,} words (median of the training part), 95 % up to "
        f"{words['percentile95']:,}, the longest {words['longest']:,}"
    )
    more = description.get("unlabelled")
    return {"length": length} | ({"unlabelled": f"{more:,} texts more"} if more else {})


def _wrapped(key: str, text: str) -> str:
    """A fact beside its name, folded at spaces only, so that a path can still be copied."""
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=f"{key:13}",
        subsequent_indent=" " * 13,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _terminal_picture(splits: Splits) -> str:
    """The first training example of each class, five to a line, under the classes' names."""
    import numpy as np
    from PIL import Image

    draw = _coloured if _takes_colour() else _shaded
    lines: list[str] = []
    for first in range(0, len(splits.class_names), 5):
        names = splits.class_names[first : first + 5]
        drawn = []
        for label in range(first, first + len(names)):
            image = splits.train.inputs[np.flatnonzero(splits.train.labels == label)[0]]
            grey = Image.fromarray(image).convert("L")
            small = grey.resize((EXAMPLE, EXAMPLE), Image.Resampling.BOX)
            drawn.append(draw(np.asarray(small)))
        lines += ["", "  ".join(f"{name[:EXAMPLE]:^{EXAMPLE}}" for name in names).rstrip()]
        lines += ["  ".join(row).rstrip() for row in zip(*drawn, strict=True)]
    return "\n".join(lines)


def _takes_colour() -> bool:
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    try:
        "\N{UPPER HALF BLOCK}".encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return False
    return True


def _coloured(image: np.ndarray) -> list[str]:
    """Two pixels to a character: the upper half block in one grey on a ground of the other."""
    return [
        "".join(
            f"\x1b[38;2;{above};{above};{above};48;2;{below};{below};{below}m\N{UPPER HALF BLOCK}"
            for above, below in zip(upper, lower, strict=True)
        )
        + "\x1b[0m"
        for upper, lower in zip(image[::2], image[1::2], strict=True)
    ]


def _shaded(image: np.ndarray) -> list[str]:
    """Two pixels to a character: the denser the character, the brighter their mean."""
    brightness = (image[::2].astype(int) + image[1::2]) // 2
    return ["".join(SHADES[grey * len(SHADES) // 256] for grey in row) for row in brightness]


def _print_json(value: Any) -> None:
    from json import dumps

    print(dumps(value, indent=2))


class DataCommands(SuggestingGroup):
    """The commands about data sets."""

    called = "command 'data {}'"


_json = click.Option(["--json"], is_flag=True, help="Print JSON.")

command = DataCommands(
    "data",
    help="List the built-in data sets, and show one of them or your own.",
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
                click.Option(["--text-column"], help="Own tables: the column of texts [guessed]."),
                click.Option(
                    ["--label-column"], help="Own tables: the column of classes [guessed]."
                ),
                _json,
            ],
            callback=show,
            help="Show one data set, built in or the path of your own images or texts: class "
            "counts, examples, licence and citation. It is fetched first if the cache lacks it.",
        ),
    ],
)
