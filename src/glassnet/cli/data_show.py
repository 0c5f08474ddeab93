"""`glassnet data show`: one data set at a glance."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet.cli.data_images import contact_sheet, terminal_picture
from glassnet.cli.table import print_json
from glassnet.errors import UsageError

if TYPE_CHECKING:
    from glassnet.contract import Splits
    from glassnet.data.sources.catalogue import Entry

WIDTH = 80
SEED = 0
"""The seed of the validation split that is counted, the default of a training."""


def show(
    name: str,
    *,
    picture: Path | None = None,
    size: int | None = None,
    text_column: str | None = None,
    label_column: str | None = None,
    json: bool = False,
) -> None:
    """Show one data set: class counts, fingerprint and examples, licence and citation if known.

    One of the catalogue is fetched first if it is not in the cache.

    Args:
        name: a name that `glassnet data list` gives, or the path of one's own images or texts.
        picture: images only: write a contact sheet, ten of each class, to this PNG file.
        size: own images only: the side in pixels that all become.
        text_column, label_column: own tables of texts only: the columns' names.
        json: print JSON for a program to read.
    """
    from glassnet import atomic
    from glassnet.data.images.dataset import find, is_path, kind_of, load

    entry = None if is_path(name) else find(name)
    columns = {"text_column": text_column, "label_column": label_column}
    if kind_of(name) == "texts":
        if picture:
            raise UsageError(f"--picture {picture}: {name} holds texts", "leave --picture out")
        if size is not None:
            raise UsageError(f"--image-size {size}: {name} holds texts", "leave --image-size out")
        _show_texts(name, entry, columns, json)
        return
    if text_column is not None or label_column is not None:
        raise UsageError(f"{name} holds images, which have no columns", "leave the column out")
    if picture and picture.suffix.lower() != ".png":
        raise UsageError(
            f"--picture {picture}: only PNG can be written", "give a file name that ends in .png"
        )
    splits = load(name, seed=SEED, size=size)
    if picture:
        atomic.write(picture, contact_sheet(splits.train, len(splits.class_names)))
        print(f"wrote {picture}", file=sys.stderr)
    description = (_published(entry) if entry else {}) | description_of(splits, "images")
    if json:
        print_json(description | {"picture": str(picture) if picture else None})
        return
    print_description(description)
    print(terminal_picture(splits))


def _show_texts(name: str, entry: Entry | None, columns: dict[str, str | None], json: bool) -> None:
    from glassnet.data.texts import dataset, statistics

    splits = dataset.load(name, seed=SEED, **columns)  # type: ignore[arg-type]
    description = (_published(entry) if entry else {}) | description_of(splits, "texts")
    description["examples"] = {
        told: statistics.examples(splits.train, label)
        for label, told in enumerate(splits.class_names)
    }
    if json:
        print_json(description)
        return
    print_description(description)
    for told, examples in description["examples"].items():
        print(f"\n{told}")
        for example in examples:
            print(textwrap.indent(textwrap.fill(example, WIDTH - 2, break_on_hyphens=False), "  "))


def info(entry: Entry) -> dict[str, Any]:
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
    from glassnet.data.sources import cache

    return info(entry) | {
        "holder": entry.holder,
        "citation": entry.citation,
        "homepage": entry.homepage,
        "note": entry.note,
        "path": str(cache.folder(entry)),
    }


def description_of(splits: Splits, kind: str) -> dict[str, Any]:
    """What its content says of a data set."""
    from dataclasses import asdict

    import numpy as np

    from glassnet.data.texts import statistics

    parts = {"train": splits.train, "valid": splits.valid, "test": splits.test}
    names, inputs = splits.class_names, splits.train.inputs
    if kind == "texts":
        form: dict[str, Any] = {"words": asdict(statistics.lengths(inputs))}
    else:
        form = {"shape": inputs.shape[1:], "dtype": str(inputs.dtype)}
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
    } | form


def print_description(description: dict[str, Any]) -> None:
    """Write facts, a line or more each, and a table of the classes' counts."""
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
