"""Model cards: what a model is, what it learned from, how good it is, and what is not known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from glassnet.data.sources.catalogue import CATALOGUE

KINDS = {
    "images": ("a classifier of images", "image-classification"),
    "texts": ("a classifier of texts", "text-classification"),
    "codes": ("a generator of images", "unconditional-image-generation"),
}
"""What a model does, in words and as a tag of model hubs."""

NAMED = 20
"""Classes that are named; of more the rest is counted."""


def written(info: dict[str, Any], name: str, kind: str, usage: Sequence[str]) -> str:
    """A model card in Markdown.

    Args:
        facts: what goes into config.json.
        name: what the model is called.
        kind: one of `KINDS`.
        usage: lines of Python that ask the model, after it was loaded as `model`.
    """
    what, tag = KINDS[kind]
    parts = (
        f"---\nlibrary_name: glassnet\npipeline_tag: {tag}\n---",
        f"# {_plain(name)}",
        _summary(info, what, kind),
        "## Use",
        "\n".join(["```python", "import glassnet as gn", "", *usage, "```"]),
        "Loading reads numbers and JSON; no code in this folder is run, and nothing is unpickled.",
        "## Data",
        "\n".join(_data(info)),
        "## Training",
        "\n".join(_training(info)),
        "## Numbers",
        "\n".join(_numbers(info)),
        "## Limits",
        "\n".join(f"- {limit}" for limit in _limits(info, kind)),
    )
    return "\n\n".join(parts) + "\n"


def _summary(info: dict[str, Any], what: str, kind: str) -> str:
    signature = info["signature"]
    lines = [f"This is {what}, made with glassnet {info['versions']['glassnet']}:"]
    lines.append(f"{info['parameters']:,} parameters, for {_input(signature, kind)}.")
    if kind != "codes":
        names = [_code(each) for each in signature["class_names"]]
        more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
        lines.append(f"It knows {len(names):,} classes: {', '.join(names[:NAMED])}{more}.")
    return "\n".join(lines)


def _input(signature: dict[str, Any], kind: str) -> str:
    if kind == "texts":
        return f"texts, of which up to {signature['input_shape'][0]:,} words are read"
    channels, height, width = signature["input_shape"]
    colour = {1: "grey", 3: "colour"}.get(channels, f"{channels} channels")
    return f"images of {height} x {width} pixels ({colour})"


def _data(info: dict[str, Any]) -> Iterator[str]:
    data = info["data"]
    entry = CATALOGUE.get(data["name"])
    parts = ", ".join(
        f"{data[part]:,} {word}"
        for part, word in (("train", "training"), ("valid", "validation"), ("test", "test"))
        if data[part]
    )
    title = f" ({entry.title})" if entry else ""
    yield f"{_code(data['name'])}{title}: {parts} examples."
    if entry is None:
        yield "The trainer's own data: nothing is known here of their origin, licence or balance;"
        yield "whoever passes this model on should say it."
    else:
        yield f"Licence: {entry.licence}. Rights: {entry.holder}."
        yield f"Cite: {entry.citation}"
        yield f"See {entry.homepage}"
        yield entry.note
    yield f"SHA-256 of their content: {_code(data['fingerprint'])}."


def _training(info: dict[str, Any]) -> Iterator[str]:
    config, best = info["config"], info.get("best") or {}
    yield "```"
    yield info["command"].replace("```", "` ` `")
    yield "```"
    yield ""
    yield f"Preset {_code(info['preset'])}, seed {config['seed']}, {_epochs(config, best)}"
    versions = info["versions"]
    told = [f"{name} {versions[name]}" for name in ("python", "torch", "numpy") if name in versions]
    yield f"With {', '.join(told)}. Every option is in `config.json`."


def _epochs(config: dict[str, Any], best: dict[str, Any]) -> str:
    if not best:
        return "in steps of one epoch; no validation part chose its weights."
    epoch, monitor = best["epoch"], config["monitor"]
    return f"{config['epochs']} epochs; epoch {epoch} was best by validation {_code(monitor)}."


def _numbers(info: dict[str, Any]) -> Iterator[str]:
    results = info.get("results", {})
    split = next((each for each in ("test", "valid") if each in results), None)
    if split is None:
        yield "None: this model was not measured on examples that it had not learned from."
        return
    yield "| measure | value | what it rests on |"
    yield "|---|---|---|"
    for label, value, note in results[split]["numbers"]:
        yield f"| {_cell(label)} | {_cell(value)} | {_cell(note)} |"
    yield ""
    if split == "test":
        yield "The test part was read once, after everything was chosen on the validation part."
    else:
        yield "There was no test part. The validation part chose the epoch, so that these numbers"
        yield "flatter; measure the model on examples that it has not seen."


def _limits(info: dict[str, Any], kind: str) -> Iterator[str]:
    tested = info.get("results", {}).get("test")
    if tested:
        yield (
            "It was tested on the test part of the same data, and on nothing else. On others, from "
            "other people, devices, places or times, it may be far worse."
        )
    else:
        yield "It was tested on nothing. How it does on new examples has to be measured."
    if kind == "codes":
        yield "What it makes up can be close to images that it learned from."
        yield "Its images are no evidence of anything; they should not be passed off as real."
        return
    yield (
        "It answers with one of its classes whatever it is shown, also where none of them fits; "
        "its probabilities do not say that an input is of another kind."
    )
    if tested and "calibration_error" in tested:
        yield (
            f"Its probabilities were {100 * tested['calibration_error']:.1f} points off on average "
            "on the test part (calibration error, 15 bins), and may be further off elsewhere."
        )
    else:
        yield "How far its probabilities can be trusted was not measured."
    if kind == "texts":
        yield (
            "It knows the words of its training texts alone, and reads all others as unknown: in "
            "another language or on another subject it guesses."
        )
    yield (
        "Whether it is as good for every group of people that its inputs come from or speak of was "
        "not measured."
    )


def _plain(text: str) -> str:
    """A text in one line that Markdown leaves as it is."""
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    """A text in one line, set as code."""
    return f"`{' '.join(text.replace('`', chr(39)).split())}`"


def _cell(text: str) -> str:
    """A text in one line that does not end a table's cell."""
    return " ".join(text.split()).replace("|", "\\|")
