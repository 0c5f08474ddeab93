"""Header of a run in a report: title, a few sentences and the key numbers."""

from dataclasses import dataclass
from typing import Any

from glassnet import findings
from glassnet.findings import Claim, ClaimRecorder, Finding, Provenance, claims_file
from glassnet.report.formatting import duration, number, plural, split_name

MAX_RESULTS = 3
"""Number of test results among the key numbers; one more if the classes are uneven."""


@dataclass(frozen=True)
class KeyNumber:
    """One of the key numbers: its label, its value, and a note on what it rests on."""

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class Header:
    """A run in a few words.

    Attributes:
        title: what was trained on which data, and how good it is.
        lead: sentences below the title.
        numbers: the key numbers.
        findings: the same as findings that are not drawn, with the claims behind the numbers.
    """

    title: str
    lead: tuple[str, ...]
    numbers: tuple[KeyNumber, ...]
    findings: tuple[Finding, ...]


def header(name: str, info: dict[str, Any]) -> Header:
    """Summarise a run's outcome and origin from its run.json."""
    record, subject = ClaimRecorder(), subject_of(name, info)
    sentence = test_results(info).get("sentence")
    lead, numbers = tuple(_lead(info, record)), tuple(_numbers(info, record))
    training = " ".join([*lead, *(f"{number.label}: {number.value}." for number in numbers)])
    headers = (_results(name, info), _training(name, info, training, record))
    return Header(
        title=f"{subject}: {sentence}" if sentence else subject,
        lead=lead,
        numbers=numbers,
        findings=tuple(finding for finding in headers if finding.claims),
    )


def section_of(info: dict[str, Any], key: str) -> dict[str, Any]:
    """Give the known entries of a nested section of run.json; empty if there is no such section."""
    value = info.get(key)
    return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else {}


def test_results(info: dict[str, Any]) -> dict[str, Any]:
    """Give what was measured on the test set; empty if nothing was."""
    return section_of(section_of(info, "results"), "test")


def subject_of(name: str, info: dict[str, Any]) -> str:
    """Name what was trained on which data, or the run if that is unknown."""
    task, data = info.get("task"), section_of(info, "data").get("name")
    return f"{task} on {data}" if task and data else str(task or data or name)


def results_of(info: dict[str, Any]) -> list[KeyNumber]:
    """List the test results as the task words them, the most important first."""
    return [KeyNumber(*map(str, row)) for row in test_results(info).get("numbers", ())]


def _results(name: str, info: dict[str, Any]) -> Finding:
    """Give the test results, as `evaluate` measured them."""
    test, options = test_results(info), section_of(info, "evaluated")
    flags = "".join(f" --{option} {value}" for option, value in options.items())
    return Finding(
        name="results",
        section="result",
        title=str(test.get("sentence", "")),
        summary="; ".join(
            f"{result.label}: {result.value} ({result.note})" for result in results_of(info)
        ),
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
    """Give the origin of the weights, as training recorded it."""
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
    epoch = section_of(info, "best").get("epoch")
    return "" if epoch is None else f"best, epoch {epoch}"


def _examples(data: dict[str, Any], split: str) -> Claim:
    return findings.count(f"{split_name(split)} examples", data[split], split=split)


def _lead(info: dict[str, Any], record: ClaimRecorder) -> list[str]:
    data, best = section_of(info, "data"), section_of(info, "best")
    sentences = []
    if "train" in data:
        epochs = info.get("epochs_done")
        for_epochs = f" for {record(_epochs(epochs))}" if epochs else ""
        classes = len(data.get("class_names") or ())
        examples = record(_examples(data, "train"))
        in_classes = ""
        if classes:
            in_classes = f" in {record(findings.number('classes', classes, '{:.0f} classes'))}"
        sentences.append(f"Trained{for_epochs} on {examples} examples{in_classes}.")
    if data.get("tokens") == "characters":
        sentences.append("Each character is a token, as no spaces separate words.")
    if "epoch" in best:
        sentences += _checkpoint_choice(info, record, data, best)
    return sentences


def _epochs(epochs: int) -> Claim:
    return findings.number("epochs trained", epochs, plural(epochs, "epoch"))


def _checkpoint_choice(
    info: dict[str, Any], record: ClaimRecorder, data: dict[str, Any], best: dict[str, Any]
) -> list[str]:
    """Say how validation chose the checkpoint, and that the test set was kept out of the choice."""
    epoch = record(findings.number("chosen epoch", best["epoch"], "epoch {:.0f}"))
    monitor = section_of(info, "config").get("monitor")
    if not monitor:
        return [f"The weights are from {epoch}."]
    metric, support = str(monitor).replace("_", " "), []
    if "value" in best:
        name, n = f"validation {metric} at the chosen epoch", int(data.get("valid", 0))
        value = findings.number(name, best["value"], number(best["value"]), n, split="valid")
        support.append(record(value))
    if "valid" in data:
        support.append(f"on {record(_examples(data, 'valid'))} held-out examples")
    in_brackets = f" ({' '.join(support)})" if support else ""
    sentences = [f"The weights are from {epoch}, chosen by validation {metric}{in_brackets}."]
    if "test" in data:
        examples = record(_examples(data, "test"))
        sentences.append(f"The {examples} test examples played no part in this choice.")
    return sentences


def _numbers(info: dict[str, Any], record: ClaimRecorder) -> list[KeyNumber]:
    n_results = MAX_RESULTS + ("balanced_accuracy" in test_results(info))
    numbers = results_of(info)[:n_results]
    parameters, seconds = info.get("parameters"), section_of(info, "seconds").get("train")
    if parameters is not None:
        formatted = record(findings.count("parameters", parameters))
        numbers.append(KeyNumber("Parameters", formatted, "in the network"))
    if seconds is not None:
        time = findings.number("training time in seconds", seconds, duration(seconds))
        formatted = record(time)
        numbers.append(KeyNumber("Training time", formatted, _effort(info, record)))
    return numbers


def _effort(info: dict[str, Any], record: ClaimRecorder) -> str:
    """Describe the training behind its duration, such as `15 epochs on 2 threads`."""
    epochs, threads = info.get("epochs_done"), section_of(info, "config").get("threads")
    cores = section_of(info, "hardware").get("cores")
    parts = [record(_epochs(epochs)) if epochs else ""]
    if threads:
        threads_used = findings.number("threads", threads, plural(threads, "thread"))
        parts.append(f"on {record(threads_used)}")
    elif cores:
        parts.append(f"on {record(findings.number('cores', cores, plural(cores, 'core')))}")
    return " ".join(filter(None, parts))
