"""The story that a report tells of a run, as plain values for the page's template.

A chapter is one run: its headline, its key numbers, the sections in which its findings stand, and
how to repeat it. Whatever the run does not have is left out, and said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glassnet import findings
from glassnet.report import wording
from glassnet.report.wording import count, duration, number, percent, plural

TITLES = {
    "result": "How good it is",
    "network": "The network",
    "training": "How training went",
    "layers": "What each layer sees",
    "mistakes": "Where it is wrong",
}
OTHER = "What else was found"
REPEAT = "How to repeat it"


@dataclass(frozen=True)
class RunView:
    """What a report needs of one run.

    Attributes:
        name: the run's name.
        facts: `run.json` as a dict; every key may be missing.
        findings: name -> record, `Examples` among them.
        folder: the run's folder, or None where there is none.
    """

    name: str
    facts: dict[str, Any]
    findings: dict[str, findings.Record] = field(default_factory=dict)
    folder: Path | None = None


@dataclass(frozen=True)
class KeyNumber:
    """One number of the strip at the top: what it is, its value, and what it rests on."""

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class Section:
    """Some findings under one heading; `key` is made for addresses inside the page."""

    key: str
    title: str
    findings: tuple[findings.Finding, ...]


@dataclass(frozen=True)
class Chapter:
    """One run, told from the top.

    Attributes:
        name: the run's name.
        title: what was trained on what, and how good it is.
        lead: sentences under the title.
        numbers: the key numbers.
        notices: what is missing, each with the command that makes it (or an empty one).
        sections: the findings.
        command: what started the run, or empty.
        repeat: (name, value) of everything needed to repeat it.
        config: (name, value) of the whole configuration.
    """

    name: str
    title: str
    lead: tuple[str, ...]
    numbers: tuple[KeyNumber, ...]
    notices: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    command: str
    repeat: tuple[tuple[str, str], ...]
    config: tuple[tuple[str, str], ...]


def chapter(run: RunView) -> Chapter:
    """Tell one run's story."""
    sections = tuple(_sections(run))
    return Chapter(
        name=run.name,
        title=_title(run),
        lead=tuple(_lead(run.facts)),
        numbers=tuple(_numbers(run.facts)[:4]),
        notices=tuple(_notices(run, sections)),
        sections=sections,
        command=str(run.facts.get("command") or ""),
        repeat=tuple(_repeat(run.facts)),
        config=tuple(flatten(run.facts.get("config") or {})),
    )


Cell = tuple[str, float | str | None]
"""The words of a table's cell, and the value to sort by."""

COMPARED = (
    ("run", False),
    ("trained", False),
    ("preset", False),
    ("seed", True),
    ("epochs", True),
    ("parameters", True),
    ("test accuracy", True),
    ("95\N{NO-BREAK SPACE}% interval", True),
    ("training", True),
)
"""The columns of the table that compares runs, and whether they are numbers."""


def comparison(runs: list[RunView]) -> tuple[list[tuple[str, bool]], list[list[Cell]]]:
    """Set several runs side by side.

    Returns:
        The columns, and a row of cells per run. A column that no run can fill is left out.
    """
    rows = [_compared(run) for run in runs]
    kept = [index for index in range(len(COMPARED)) if any(row[index][0] for row in rows)]
    return [COMPARED[index] for index in kept], [[row[index] for index in kept] for row in rows]


def flatten(values: dict[str, Any], above: str = "") -> list[tuple[str, str]]:
    """List nested values as (dotted name, words).

    Example:
        >>> flatten({"optim": {"name": "adam"}, "epochs": 5})
        [('optim.name', 'adam'), ('epochs', '5')]
    """
    rows = []
    for key, value in values.items():
        if isinstance(value, dict):
            rows += flatten(value, f"{above}{key}.")
        else:
            shown = value if isinstance(value, list | tuple) else [value]
            rows.append(
                (f"{above}{key}", ", ".join("none" if v is None else str(v) for v in shown))
            )
    return rows


def _part(facts: dict[str, Any], key: str) -> dict[str, Any]:
    """Give what is known in a nested part of the facts, empty where there is no such part."""
    value = facts.get(key)
    return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else {}


def _test(facts: dict[str, Any]) -> dict[str, Any]:
    return _part(_part(facts, "results"), "test")


def _subject(run: RunView) -> str:
    task, data = run.facts.get("task"), _part(run.facts, "data").get("name")
    if task and data:
        return f"{task} on {data}"
    return str(task or data or run.name)


def _title(run: RunView) -> str:
    test = _test(run.facts)
    if "accuracy" not in test:
        return _subject(run)
    of = f" of {count(test['n'])} test examples" if "n" in test else " of the test set"
    return f"{_subject(run)}: {percent(test['accuracy'])}{of} right"


def _lead(facts: dict[str, Any]) -> list[str]:
    data, best = _part(facts, "data"), _part(facts, "best")
    sentences = []
    if "train" in data:
        epochs = facts.get("epochs_done")
        for_epochs = f" for {plural(epochs, 'epoch')}" if epochs else ""
        classes = len(data.get("class_names") or ())
        of_classes = f" in {classes} classes" if classes else ""
        sentences.append(f"Trained{for_epochs} on {count(data['train'])} examples{of_classes}.")
    if "epoch" in best:
        sentences += _choice(facts, data, best)
    return sentences


def _choice(facts: dict[str, Any], data: dict[str, Any], best: dict[str, Any]) -> list[str]:
    """Say how the weights were chosen, and that the test set had no part where it had none."""
    words = f"The weights are those of epoch {best['epoch']}"
    monitor = str(best.get("monitor") or _part(facts, "config").get("monitor") or "")
    if not monitor or monitor.startswith(("train", "test")):
        return [f"{words}{f', chosen by {monitor}' if monitor else ''}."]
    value = f" ({number(best['value'])})" if "value" in best else ""
    held = f" on {count(data['valid'])} examples held out of training" if "valid" in data else ""
    chosen = [f"{words}, chosen by validation {monitor.removeprefix('valid_')}{value}{held}."]
    if "test" in data:
        chosen.append(f"The {count(data['test'])} test examples had no part in that choice.")
    return chosen


def _numbers(facts: dict[str, Any]) -> list[KeyNumber]:
    test = dict(_test(facts))
    numbers = []
    n, interval = test.pop("n", None), test.pop("interval", None)
    of = f"of {count(n)} test examples" if n else "on the test set"
    if "accuracy" in test:
        note = of
        if interval:
            low, high = (f"{100 * bound:.2f}" for bound in interval)
            note = f"95{wording.NBSP}% interval {low}–{high}{wording.NBSP}%"
        numbers.append(KeyNumber("Test accuracy", percent(test.pop("accuracy")), note))
    if "errors" in test:
        numbers.append(KeyNumber("Errors", count(test.pop("errors")), of))
    numbers += [
        KeyNumber(f"Test {name.replace('_', ' ')}", number(value), of)
        for name, value in test.items()
        if isinstance(value, int | float) and not numbers
    ]
    if facts.get("parameters") is not None:
        numbers.append(KeyNumber("Parameters", count(facts["parameters"]), "in the network"))
    seconds = _part(facts, "seconds").get("train")
    if seconds is not None:
        numbers.append(KeyNumber("Training", duration(seconds), _machine(facts)))
    return numbers


def _machine(facts: dict[str, Any]) -> str:
    hardware, epochs = _part(facts, "hardware"), facts.get("epochs_done")
    parts = [plural(epochs, "epoch") if epochs else ""]
    for key in ("threads", "cores"):
        if key in hardware and len(parts) == 1:
            parts.append(f"on {plural(hardware[key], key.removesuffix('s'))}")
    return " ".join(filter(None, parts))


def _sections(run: RunView) -> list[Section]:
    drawn = [f for f in run.findings.values() if isinstance(f, findings.Finding)]
    told = []
    for key in findings.SECTIONS:
        chosen = tuple(finding for finding in drawn if finding.section == key)
        if chosen:
            told.append(Section(key, TITLES.get(key, key.capitalize()), chosen))
    rest = tuple(finding for finding in drawn if finding.section not in findings.SECTIONS)
    return [*told, Section("other", OTHER, rest)] if rest else told


def _notices(run: RunView, sections: tuple[Section, ...]) -> list[tuple[str, str]]:
    facts, notices = run.facts, []
    status = facts.get("status", "unknown")
    if status != "finished":
        done, planned = facts.get("epochs_done"), _part(facts, "config").get("epochs")
        far = f" after {count(done)} of {plural(planned, 'epoch')}" if done and planned else ""
        where = str(run.folder) if run.folder else run.name
        notices.append(
            (
                f"This run has not finished: its status is “{status}”{far}.",
                f"glassnet train --resume {where}",
            )
        )
    if not _test(facts):
        notices.append(("It has no result on the test set yet.", f"glassnet evaluate {run.name}"))
    told = {section.key for section in sections}
    missing = [TITLES[key] for key in findings.SECTIONS if key in TITLES and key not in told]
    if missing:
        words = "; ".join(missing)
        notices.append((f"It has no findings yet for: {words}.", f"glassnet explain {run.name}"))
    return notices


def _repeat(facts: dict[str, Any]) -> list[tuple[str, str]]:
    data, hardware = _part(facts, "data"), _part(facts, "hardware")
    rows = [("Preset", facts.get("preset")), ("Seed", facts.get("seed"))]
    parts = [f"{count(data[part])} {part}" for part in ("train", "valid", "test") if part in data]
    rows.append(("Data", ": ".join(filter(None, [data.get("name"), ", ".join(parts)]))))
    rows.append(("Data fingerprint", data.get("fingerprint")))
    versions = [f"{name} {version}" for name, version in _part(facts, "versions").items()]
    rows.append(("Versions", ", ".join(versions)))
    rows.append(("Git commit", facts.get("git")))
    machine = [hardware.get("machine"), hardware.get("processor"), hardware.get("device")]
    for key, words in (("cores", "cores"), ("threads", "threads"), ("memory_gib", "GiB memory")):
        if hardware.get(key) is not None:
            machine.append(f"{number(hardware[key])} {words}")
    rows.append(("Hardware", ", ".join(str(part) for part in machine if part)))
    rows.append(("Started", facts.get("started")))
    rows.append(("Ended", facts.get("ended")))
    spent = [f"{name} {duration(value)}" for name, value in _part(facts, "seconds").items()]
    rows.append(("Time spent", ", ".join(spent)))
    return [(name, str(value)) for name, value in rows if value not in (None, "")]


def _compared(run: RunView) -> list[Cell]:
    facts, test = run.facts, _test(run.facts)
    accuracy, interval = test.get("accuracy"), test.get("interval")
    seconds, parameters = _part(facts, "seconds").get("train"), facts.get("parameters")
    seed, epochs = facts.get("seed"), facts.get("epochs_done")
    bounds = "–".join(f"{100 * bound:.2f}" for bound in interval) if interval else ""
    return [
        (run.name, run.name),
        (_subject(run) if facts.get("task") else "", _subject(run)),
        (str(facts.get("preset") or ""), facts.get("preset")),
        ("" if seed is None else str(seed), seed),
        ("" if epochs is None else count(epochs), epochs),
        ("" if parameters is None else count(parameters), parameters),
        ("" if accuracy is None else percent(accuracy), accuracy),
        (f"{bounds}{wording.NBSP}%" if bounds else "", interval[0] if interval else None),
        ("" if seconds is None else duration(seconds), seconds),
    ]
