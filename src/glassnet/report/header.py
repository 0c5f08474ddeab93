"""What stands above a chapter's sections: its title, a few sentences, and the key numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from glassnet.findings import Claim, ClaimRecorder, Finding, Provenance, claims_file
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
        findings: the same as findings without a picture, which hold the records of the numbers.
    """

    title: str
    lead: tuple[str, ...]
    numbers: tuple[KeyNumber, ...]
    findings: tuple[Finding, ...]


def opening(name: str, info: dict[str, Any]) -> Opening:
    """Tell a run's outcome and origin from its run.json."""
    record, subject = ClaimRecorder(), subject_of(name, info)
    sentence = measured(info).get("sentence")
    lead, numbers = tuple(_lead(info, record)), tuple(_numbers(info, record))
    training = " ".join([*lead, *(f"{each.label}: {each.value}." for each in numbers)])
    both = (_results(name, info), _training(name, info, training, record))
    return Opening(
        title=f"{subject}: {sentence}" if sentence else subject,
        lead=lead,
        numbers=numbers,
        findings=tuple(finding for finding in both if finding.claims),
    )


def part(info: dict[str, Any], key: str) -> dict[str, Any]:
    """Give what is known in a nested part of the facts, empty where there is no such part."""
    value = info.get(key)
    return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else {}


def measured(info: dict[str, Any]) -> dict[str, Any]:
    """What was measured on the test set, empty where nothing was."""
    return part(part(info, "results"), "test")


def subject_of(name: str, info: dict[str, Any]) -> str:
    """What was trained on what, else the run's name."""
    task, data = info.get("task"), part(info, "data").get("name")
    if task and data:
        return f"{task} on {data}"
    return str(task or data or name)


def results_of(info: dict[str, Any]) -> list[KeyNumber]:
    """Give the test set's numbers as the task words them, the most telling first."""
    return [KeyNumber(*map(str, row)) for row in measured(info).get("numbers", ())]


def _results(name: str, info: dict[str, Any]) -> Finding:
    """The numbers on the test set, as `evaluate` measured them."""
    test, effort = measured(info), part(info, "evaluated")
    flags = "".join(f" --{option} {value}" for option, value in effort.items())
    return Finding(
        name="results",
        section="result",
        title=str(test.get("sentence", "")),
        summary="; ".join(f"{each.label}: {each.value} ({each.note})" for each in results_of(info)),
        claims=claims_file.from_json(test.get("claims", ())),
        provenance=Provenance(
            run=name,
            checkpoint=_checkpoint(info),
            split="test",
            n=int(test.get("n", 0)),
            seed=None,
            command=f"glassnet evaluate {name}{flags}",
        ),
    )


def _training(name: str, info: dict[str, Any], summary: str, record: ClaimRecorder) -> Finding:
    """Where the weights come from, as training noted it."""
    return Finding(
        name="run",
        section="result",
        title=subject_of(name, info),
        summary=summary,
        claims=record.claims,
        provenance=Provenance(
            run=name,
            checkpoint=_checkpoint(info),
            split="",
            n=0,
            seed=info.get("seed"),
            command=str(info.get("command") or ""),
        ),
    )


def _checkpoint(info: dict[str, Any]) -> str:
    epoch = part(info, "best").get("epoch")
    return "" if epoch is None else f"best, epoch {epoch}"


def _claim(name: str, value: float, formatted: str, **more: Any) -> Claim:
    return Claim(name=name, value=float(value), formatted=formatted, **more)


def _examples(data: dict[str, Any], part: str) -> Claim:
    name = {"train": "training", "valid": "validation"}.get(part, part)
    return _claim(f"{name} examples", data[part], count(data[part]), split=part)


def _lead(info: dict[str, Any], record: ClaimRecorder) -> list[str]:
    data, best = part(info, "data"), part(info, "best")
    sentences = []
    if "train" in data:
        epochs = info.get("epochs_done")
        for_epochs = f" for {record(_epochs(epochs))}" if epochs else ""
        classes = len(data.get("class_names") or ())
        of_classes = f" in {record(_claim('classes', classes, f'{classes} classes'))}"
        sentences.append(
            f"Trained{for_epochs} on {record(_examples(data, 'train'))} examples"
            f"{of_classes if classes else ''}."
        )
    if "epoch" in best:
        sentences += _choice(info, record, data, best)
    return sentences


def _epochs(epochs: int) -> Claim:
    return _claim("epochs done", epochs, plural(epochs, "epoch"))


def _choice(
    info: dict[str, Any], record: ClaimRecorder, data: dict[str, Any], best: dict[str, Any]
) -> list[str]:
    """Say how the weights were chosen, and that the test set had no part where it had none."""
    chosen_epoch = record(_claim("chosen epoch", best["epoch"], f"epoch {best['epoch']}"))
    words = f"The weights are those of {chosen_epoch}"
    monitor = str(best.get("monitor") or part(info, "config").get("monitor") or "")
    if not monitor or monitor.startswith(("train", "test")):
        return [f"{words}{f', chosen by {monitor}' if monitor else ''}."]
    quantity = monitor.removeprefix("valid_").replace("_", " ")
    value = held = ""
    if "value" in best:
        what, n = f"validation {quantity} at the chosen epoch", int(data.get("valid", 0))
        said = _claim(what, best["value"], number(best["value"]), n=n, split="valid")
        value = f" ({record(said)})"
    if "valid" in data:
        held = f" on {record(_examples(data, 'valid'))} examples held out of training"
    chosen = [f"{words}, chosen by validation {quantity}{value}{held}."]
    if "test" in data:
        test = record(_examples(data, "test"))
        chosen.append(f"The {test} test examples had no part in that choice.")
    return chosen


def _numbers(info: dict[str, Any], record: ClaimRecorder) -> list[KeyNumber]:
    numbers = results_of(info)[:MOST_RESULTS]
    parameters, seconds = info.get("parameters"), part(info, "seconds").get("train")
    if parameters is not None:
        words = record(_claim("parameters", parameters, count(parameters)))
        numbers.append(KeyNumber("Parameters", words, "in the network"))
    if seconds is not None:
        words = record(_claim("seconds of training, by the clock", seconds, duration(seconds)))
        numbers.append(KeyNumber("Training", words, _machine(info, record)))
    return numbers


def _machine(info: dict[str, Any], record: ClaimRecorder) -> str:
    epochs, threads = info.get("epochs_done"), part(info, "config").get("threads")
    cores = part(info, "hardware").get("cores")
    parts = [record(_epochs(epochs)) if epochs else ""]
    if threads:
        parts.append(f"on {record(_claim('threads', threads, plural(threads, 'thread')))}")
    elif cores:
        parts.append(f"on {record(_claim('cores', cores, plural(cores, 'core')))}")
    return " ".join(filter(None, parts))
