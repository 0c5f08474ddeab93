"""What stands above a chapter's sections: its title, a few sentences, and the key numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from glassnet.findings import Claim, Finding, Receipt, Told, claims_file
from glassnet.report.formatting import count, duration, number, plural

MOST_RESULTS = 3
"""How many results are among the key numbers."""


@dataclass(frozen=True)
class KeyNumber:
    """One number of the strip at the top: what it is, its value, and what it rests on."""

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class Opening:
    """A run in a few words.

    Attributes:
        title: what was trained on what, and how good it is.
        lead: sentences under the title.
        numbers: the key numbers.
        said: the same as findings without a picture, which hold the records of the numbers.
    """

    title: str
    lead: tuple[str, ...]
    numbers: tuple[KeyNumber, ...]
    said: tuple[Finding, ...]


def opening(name: str, facts: dict[str, Any]) -> Opening:
    """Tell a run's outcome and origin from its run.json."""
    told, subject = Told(), subject_of(name, facts)
    sentence = measured(facts).get("sentence")
    lead, numbers = tuple(_lead(facts, told)), tuple(_numbers(facts, told))
    training = " ".join([*lead, *(f"{each.label}: {each.value}." for each in numbers)])
    said = (_results(name, facts), _training(name, facts, training, told))
    return Opening(
        title=f"{subject}: {sentence}" if sentence else subject,
        lead=lead,
        numbers=numbers,
        said=tuple(finding for finding in said if finding.claims),
    )


def part(facts: dict[str, Any], key: str) -> dict[str, Any]:
    """Give what is known in a nested part of the facts, empty where there is no such part."""
    value = facts.get(key)
    return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else {}


def measured(facts: dict[str, Any]) -> dict[str, Any]:
    """What was measured on the test set, empty where nothing was."""
    return part(part(facts, "results"), "test")


def subject_of(name: str, facts: dict[str, Any]) -> str:
    """What was trained on what, else the run's name."""
    task, data = facts.get("task"), part(facts, "data").get("name")
    if task and data:
        return f"{task} on {data}"
    return str(task or data or name)


def results_of(facts: dict[str, Any]) -> list[KeyNumber]:
    """Give the test set's numbers as the task words them, the most telling first."""
    return [KeyNumber(*map(str, row)) for row in measured(facts).get("numbers", ())]


def _results(name: str, facts: dict[str, Any]) -> Finding:
    """The numbers on the test set, as `evaluate` measured them."""
    test, effort = measured(facts), part(facts, "evaluated")
    flags = "".join(f" --{option} {value}" for option, value in effort.items())
    return Finding(
        name="results",
        section="result",
        title=str(test.get("sentence", "")),
        reading="; ".join(
            f"{each.label}: {each.value} ({each.note})" for each in results_of(facts)
        ),
        claims=claims_file.claims(test.get("claims", ())),
        receipt=Receipt(
            run=name,
            checkpoint=_checkpoint(facts),
            split="test",
            n=int(test.get("n", 0)),
            seed=None,
            command=f"glassnet evaluate {name}{flags}",
        ),
    )


def _training(name: str, facts: dict[str, Any], reading: str, told: Told) -> Finding:
    """Where the weights come from, as training noted it."""
    return Finding(
        name="run",
        section="result",
        title=subject_of(name, facts),
        reading=reading,
        claims=told.claims,
        receipt=Receipt(
            run=name,
            checkpoint=_checkpoint(facts),
            split="",
            n=0,
            seed=facts.get("seed"),
            command=str(facts.get("command") or ""),
        ),
    )


def _checkpoint(facts: dict[str, Any]) -> str:
    epoch = part(facts, "best").get("epoch")
    return "" if epoch is None else f"best, epoch {epoch}"


def _claim(what: str, value: float, words: str, **more: Any) -> Claim:
    return Claim(what=what, value=float(value), words=words, **more)


def _examples(data: dict[str, Any], part: str) -> Claim:
    name = {"train": "training", "valid": "validation"}.get(part, part)
    return _claim(f"{name} examples", data[part], count(data[part]), split=part)


def _lead(facts: dict[str, Any], told: Told) -> list[str]:
    data, best = part(facts, "data"), part(facts, "best")
    sentences = []
    if "train" in data:
        epochs = facts.get("epochs_done")
        for_epochs = f" for {told(_epochs(epochs))}" if epochs else ""
        classes = len(data.get("class_names") or ())
        of_classes = f" in {told(_claim('classes', classes, f'{classes} classes'))}"
        sentences.append(
            f"Trained{for_epochs} on {told(_examples(data, 'train'))} examples"
            f"{of_classes if classes else ''}."
        )
    if "epoch" in best:
        sentences += _choice(facts, told, data, best)
    return sentences


def _epochs(epochs: int) -> Claim:
    return _claim("epochs done", epochs, plural(epochs, "epoch"))


def _choice(
    facts: dict[str, Any], told: Told, data: dict[str, Any], best: dict[str, Any]
) -> list[str]:
    """Say how the weights were chosen, and that the test set had no part where it had none."""
    chosen_epoch = told(_claim("chosen epoch", best["epoch"], f"epoch {best['epoch']}"))
    words = f"The weights are those of {chosen_epoch}"
    monitor = str(best.get("monitor") or part(facts, "config").get("monitor") or "")
    if not monitor or monitor.startswith(("train", "test")):
        return [f"{words}{f', chosen by {monitor}' if monitor else ''}."]
    quantity = monitor.removeprefix("valid_").replace("_", " ")
    value = held = ""
    if "value" in best:
        what, n = f"validation {quantity} at the chosen epoch", int(data.get("valid", 0))
        said = _claim(what, best["value"], number(best["value"]), n=n, split="valid")
        value = f" ({told(said)})"
    if "valid" in data:
        held = f" on {told(_examples(data, 'valid'))} examples held out of training"
    chosen = [f"{words}, chosen by validation {quantity}{value}{held}."]
    if "test" in data:
        test = told(_examples(data, "test"))
        chosen.append(f"The {test} test examples had no part in that choice.")
    return chosen


def _numbers(facts: dict[str, Any], told: Told) -> list[KeyNumber]:
    numbers = results_of(facts)[:MOST_RESULTS]
    parameters, seconds = facts.get("parameters"), part(facts, "seconds").get("train")
    if parameters is not None:
        words = told(_claim("parameters", parameters, count(parameters)))
        numbers.append(KeyNumber("Parameters", words, "in the network"))
    if seconds is not None:
        words = told(_claim("seconds of training, by the clock", seconds, duration(seconds)))
        numbers.append(KeyNumber("Training", words, _machine(facts, told)))
    return numbers


def _machine(facts: dict[str, Any], told: Told) -> str:
    epochs, threads = facts.get("epochs_done"), part(facts, "config").get("threads")
    cores = part(facts, "hardware").get("cores")
    parts = [told(_epochs(epochs)) if epochs else ""]
    if threads:
        parts.append(f"on {told(_claim('threads', threads, plural(threads, 'thread')))}")
    elif cores:
        parts.append(f"on {told(_claim('cores', cores, plural(cores, 'core')))}")
    return " ".join(filter(None, parts))
