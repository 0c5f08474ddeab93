"""Model cards: a model's purpose, data, training, results and limits, in Markdown."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from glassnet.data.sources.catalogue import CATALOGUE
from glassnet.visible import visible

PIPELINE_TAGS = {
    "image classifier": "image-classification",
    "text classifier": "text-classification",
    "image generator": "unconditional-image-generation",
}
"""Kind of model -> its tag on model hubs."""

MAX_CLASSES = 20
"""Classes that are listed; the others are counted."""


def render(info: dict[str, Any], name: str, kind: str, usage: Sequence[str]) -> str:
    """Render a model card in Markdown.

    Args:
        info: the content of config.json.
        name: the name of the model.
        kind: one of `PIPELINE_TAGS`.
        usage: lines of Python that load the model as `model` and use it.
    """
    parts = (
        f"---\nlibrary_name: glassnet\npipeline_tag: {PIPELINE_TAGS[kind]}\n---",
        f"# {_escaped(name)}",
        _summary(info, kind),
        "## Use",
        "\n".join(["```python", "import glassnet as gn", "", *usage, "```"]),
        "Loading reads numbers and JSON; it runs no code from this folder and unpickles nothing.",
        "## Data",
        "\n".join(_data(info)),
        "## Training",
        "\n".join(_training(info)),
        "## Results",
        "\n".join(_results(info)),
        "## Limits",
        "\n".join(f"- {limit}" for limit in _limits(info, kind)),
    )
    return visible("\n\n".join(parts)) + "\n"


def _summary(info: dict[str, Any], kind: str) -> str:
    signature, version = info["signature"], info["versions"]["glassnet"]
    article = "an" if kind.startswith("image") else "a"
    lines = [
        f"This is {article} {kind} trained with glassnet {version}.",
        f"It has {info['parameters']:,} parameters and {_input(signature, kind)}.",
    ]
    if kind != "image generator":
        names = [_code(name) for name in signature["class_names"]]
        more = f" and {len(names) - MAX_CLASSES:,} more" if len(names) > MAX_CLASSES else ""
        lines.append(f"Its {len(names):,} classes are {', '.join(names[:MAX_CLASSES])}{more}.")
    return "\n".join(lines)


def _input(signature: dict[str, Any], kind: str) -> str:
    if kind == "text classifier":
        return f"reads up to {signature['input_shape'][0]:,} words of a text"
    channels, height, width = signature["input_shape"]
    colour = {1: "grey", 3: "colour"}.get(channels, f"{channels} channels")
    verb = "generates" if kind == "image generator" else "takes"
    return f"{verb} images of {height} x {width} pixels ({colour})"


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
        yield "These are the user's own data. Their origin, licence and balance are not known here;"
        yield "please describe them before you share this model."
    else:
        yield from (
            f"Licence: {entry.licence}. Rights: {entry.holder}.",
            f"Cite: {entry.citation}",
            f"See {entry.homepage}",
            entry.note,
        )
    yield f"SHA-256 of the content: {_code(data['fingerprint'])}."


def _training(info: dict[str, Any]) -> Iterator[str]:
    config, best = info["config"], info.get("best") or {}
    yield from ("```", info["command"].replace("```", "` ` `"), "```", "")
    yield f"Preset {_code(info['preset'])}, seed {config['seed']}, {_epochs(config, best)}"
    versions = info["versions"]
    names = (name for name in ("python", "torch", "numpy") if name in versions)
    yield f"Trained with {', '.join(f'{name} {versions[name]}' for name in names)}."
    yield "`config.json` has every option."


def _epochs(config: dict[str, Any], best: dict[str, Any]) -> str:
    if not best:
        return "one epoch at a time (`partial_fit`); no validation split selected the weights."
    epoch, monitor = best["epoch"], config["monitor"]
    return f"{config['epochs']} epochs; epoch {epoch} has the best validation {_code(monitor)}."


def _results(info: dict[str, Any]) -> Iterator[str]:
    results = info.get("results", {})
    split = next((name for name in ("test", "valid") if name in results), None)
    if split is None:
        yield "None: this model was not evaluated on data that it was not trained on."
        return
    yield from ("| metric | value | note |", "|---|---|---|")
    for label, value, note in results[split]["numbers"]:
        yield f"| {_cell(label)} | {_cell(value)} | {_cell(note)} |"
    yield ""
    if split == "test":
        yield "The test split was used once, after everything was selected on the validation split."
    else:
        yield "There was no test split. The validation split selected the epoch, so these numbers"
        yield "are too optimistic; evaluate the model on new examples."


def _limits(info: dict[str, Any], kind: str) -> Iterator[str]:
    test = info.get("results", {}).get("test")
    if test:
        yield (
            "It was evaluated on the test split of the same data only. On data from other people, "
            "devices, places or times it may be far worse."
        )
    else:
        yield "It was not evaluated on a test split. Evaluate it on new examples before you use it."
    if kind == "image generator":
        yield "Generated images can be close to training images."
        yield "Generated images are not evidence; do not present them as real."
        return
    yield (
        "It predicts one of its classes for every input, even if none of them fits; its "
        "probabilities do not show that an input is of another kind."
    )
    calibration = info.get("calibration") or {}
    calibrated = ""
    if calibration.get("temperature", 1) != 1:
        calibrated = (
            f", calibrated by a temperature of {calibration['temperature']:.3g} from "
            f"{calibration['n']:,} validation examples,"
        )
    if test and "calibration_error" in test:
        yield (
            f"Its probabilities{calibrated} were {100 * test['calibration_error']:.1f} points off "
            "on average on the test split (calibration error, 15 bins), and may be further off "
            "elsewhere."
        )
    else:
        yield f"Whether its probabilities{calibrated} are right was not measured."
    if kind == "text classifier":
        yield (
            "It knows only the words of its training texts and reads all others as unknown: in "
            "another language or on another subject it guesses."
        )
    yield "Whether it is equally good for all groups of people in its inputs was not measured."


def _escaped(text: str) -> str:
    """The text in one line, with Markdown's characters escaped."""
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    """The text in one line, as inline code."""
    return f"`{' '.join(text.replace('`', chr(39)).split())}`"


def _cell(text: str) -> str:
    """The text in one line, safe in a table's cell."""
    return " ".join(text.split()).replace("|", "\\|")
