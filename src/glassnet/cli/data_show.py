"""`glassnet data show`: description, class counts and examples of a data set."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet.cli.data_images import contact_sheet, terminal_images
from glassnet.cli.echo import echo, echo_coloured, echo_json
from glassnet.errors import UsageError

if TYPE_CHECKING:
    from glassnet.contract import Splits
    from glassnet.data.sources.catalogue import Entry

WIDTH = 80
SEED = 0
"""The seed of the validation split, the default of training."""


def show(name: str, *, image_path: Path | None = None, json: bool = False, **options: Any) -> None:
    """Show a data set: class counts, fingerprint and examples, licence and citation if known.

    A built-in data set is fetched first if it is not in the cache.

    Args:
        name: a name that `glassnet data list` prints, or the path of the user's images or texts.
        image_path: images only: write ten examples of each class to this PNG file.
        json: print JSON.
        options: own data only: how they are read, see `options_of`.
    """
    from glassnet import atomic
    from glassnet.data.images.load import load_images
    from glassnet.data.names import find_entry, is_path, modality_of

    entry = None if is_path(name) else find_entry(name)
    chosen = options_of(options)
    if modality_of(name, chosen.get("splits")) == "texts":
        if image_path:
            raise UsageError(f"--image {image_path}: {name} contains texts", "leave out --image")
        _show_texts(name, entry, chosen, json)
        return
    if image_path and image_path.suffix.lower() != ".png":
        raise UsageError(
            f"--image {image_path}: unsupported file type",
            "give a file name that ends in .png",
        )
    splits = load_images(name, seed=SEED, **chosen)
    if image_path:
        atomic.write(image_path, contact_sheet(splits.train, len(splits.class_names)))
        echo(f"wrote {image_path}", err=True)
    description = (_published(entry) if entry else {}) | description_of(splits, "images")
    if json:
        echo_json(description | {"image": str(image_path) if image_path else None}, indent=2)
        return
    print_description(description)
    echo_coloured(terminal_images(splits))


def options_of(flags: dict[str, Any]) -> dict[str, Any]:
    """The fields of `ReadOptions` that the flags of a command choose.

    Example:
        >>> options_of({"colour": "auto", "label_column": "auto", "encoding": None})
        {'label_column': 'auto'}
    """
    automatic = {("colour", "auto"), ("splits", "auto")}
    return {k: v for k, v in flags.items() if v is not None and (k, v) not in automatic}


def _show_texts(name: str, entry: Entry | None, options: dict[str, Any], json: bool) -> None:
    from glassnet import class_labels
    from glassnet.data.texts import statistics
    from glassnet.data.texts.load import load_texts

    splits = load_texts(name, seed=SEED, **options)
    description = (_published(entry) if entry else {}) | description_of(splits, "texts")
    description["examples"] = {
        name: statistics.examples(splits.train, label)
        for label, name in enumerate(splits.class_names)
    }
    if json:
        echo_json(description, indent=2)
        return
    print_description(description)
    for class_name, examples in description["examples"].items():
        echo(f"\n{class_labels.shortened(class_name)}")
        for example in examples:
            echo(textwrap.indent(textwrap.fill(example, WIDTH - 2, break_on_hyphens=False), "  "))


def info(entry: Entry) -> dict[str, Any]:
    """The catalogue's information about a data set that its list shows."""
    return {
        "name": entry.name,
        "title": entry.title,
        "modality": entry.modality,
        "train": entry.n_train,
        "test": entry.n_test,
        "unlabelled": entry.n_unlabelled,
        "bytes": sum(file.size for file in entry.files),
        "licence": entry.licence,
    }


def _published(entry: Entry) -> dict[str, Any]:
    """All information of the catalogue about a data set."""
    from glassnet.data.sources import cache

    return info(entry) | {
        "holder": entry.holder,
        "citation": entry.citation,
        "homepage": entry.homepage,
        "note": entry.note,
        "path": str(cache.folder(entry)),
    }


def description_of(splits: Splits, modality: str) -> dict[str, Any]:
    """The classes, counts, fingerprint and input format of a data set."""
    from dataclasses import asdict

    import numpy as np

    from glassnet.data.texts import statistics

    by_split = {"train": splits.train, "valid": splits.valid, "test": splits.test}
    names, inputs = splits.class_names, splits.train.inputs
    if modality == "texts":
        inputs_info: dict[str, Any] = {"words": asdict(statistics.lengths(inputs))}
    else:
        inputs_info = {"shape": inputs.shape[1:], "dtype": str(inputs.dtype)}
    return {
        "name": splits.name,
        "modality": modality,
        "seed": SEED,
        "classes": names,
        "counts": {
            name: np.bincount(split.labels, minlength=len(names)).tolist()
            for name, split in by_split.items()
        },
        "fingerprint": splits.fingerprint,
    } | inputs_info


def print_description(description: dict[str, Any]) -> None:
    """Print a description: a paragraph for each property, and a table of class counts."""
    from glassnet import class_labels

    counts: dict[str, list[int]] = description["counts"]
    own = f"your own {description['modality']}"
    echo(f"{description['name']}: {description.get('title', own)}\n")
    for key, text in _properties(description).items():
        echo(wrapped(text, f"{key:13}", " " * 13))
    names: list[str] = description["classes"]
    labels = class_labels.class_labels(names)
    width = max(map(class_labels.width, ["class", *labels]))
    echo(f"\n{'class':{width}}" + "".join(f"{split:>9}" for split in counts))
    for label, *row in zip(labels, *counts.values(), strict=True):
        echo(
            label
            + " " * (width - class_labels.width(label))
            + "".join(f"{count:>9,}" for count in row)
        )


def _properties(description: dict[str, Any]) -> dict[str, str]:
    """Property -> text, in the order of printing; own data have no licence."""
    n = {split: f"{sum(counts):,}" for split, counts in description["counts"].items()}
    published = "licence" in description
    held_out = f" (held out of the training split, seed {description['seed']})" if published else ""
    content = {
        "examples": f"{n['train']} train, {n['valid']} valid{held_out}, {n['test']} test"
    } | _input_properties(description)
    fingerprint = {"fingerprint": description["fingerprint"]}
    if not published:
        return content | fingerprint
    rights = {
        "licence": f"{description['licence']}; rights: {description['holder']}",
        "citation": description["citation"],
        "homepage": description["homepage"],
    }
    note = {"note": description["note"]} if description["note"] else {}
    files = {"size": f"{description['bytes']:,} bytes", "cached in": description["path"]}
    return rights | note | content | files | fingerprint


def _input_properties(description: dict[str, Any]) -> dict[str, str]:
    """The format of the inputs, in words."""
    if description["modality"] == "images":
        shape = " x ".join(map(str, description["shape"]))
        return {"shape": f"{shape} {description['dtype']}"}
    words = description["words"]
    length = (
        f"{words['median']:,} words (median of the training split), 95 % up to "
        f"{words['percentile95']:,}, at most {words['maximum']:,}"
    )
    unlabelled = description.get("unlabelled")
    more = {"unlabelled": f"{unlabelled:,} more texts"} if unlabelled else {}
    return {"length": length} | more


def wrapped(text: str, first: str, rest: str = "  ") -> str:
    """A text with these indents, wrapped only at spaces so that paths can be copied."""
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
