"""The story that a report tells of a run, as plain values for the page's template.

A chapter is one run: its headline, its key numbers, the sections in which its findings stand, and
how to repeat it. Whatever the run does not have is left out, and said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glassnet import findings
from glassnet.findings import Finding
from glassnet.report.formatting import count, duration, number, plural
from glassnet.report.header import KeyNumber, measured, opening, part, results_of, subject_of

TITLES = {
    "result": "How good it is",
    "network": "The network",
    "training": "How training went",
    "samples": "What it draws",
    "latent-space": "The latent space",
    "texts": "How it reads a text",
    "words": "What the words mean to it",
    "layers": "What each layer sees",
    "dynamics": "Where and when it learned",
    "examples": "When each example was learned",
    "mistakes": "Where it is wrong",
}
OTHER = "What else was found"
REPEAT = "How to repeat it"
MOST_SUBJECTS = 3
"""How many subjects a report's title names."""


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
    info: dict[str, Any]
    findings: dict[str, findings.Record] = field(default_factory=dict)
    folder: Path | None = None


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
        header: title, lead and key numbers as findings without a picture, with their records.
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
    header: tuple[Finding, ...]
    notices: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    command: str
    repeat: tuple[tuple[str, str], ...]
    config: tuple[tuple[str, str], ...]


def chapter(run: RunView) -> Chapter:
    """Tell one run's story."""
    sections, header = tuple(_sections(run)), opening(run.name, run.info)
    return Chapter(
        name=run.name,
        title=header.title,
        lead=header.lead,
        numbers=header.numbers,
        header=header.findings,
        notices=tuple(_notices(run, sections)),
        sections=sections,
        command=str(run.info.get("command") or ""),
        repeat=tuple(_repeat(run.info)),
        config=tuple(flatten(run.info.get("config") or {})),
    )


Cell = tuple[str, float | str | None]
"""The words of a table's cell, and the value to sort by."""

Column = tuple[str, bool]
"""A column's name, and whether it holds numbers."""

ON_TEST = "on the test set"
"""The column of results that have no name in common."""


def comparison(runs: list[RunView]) -> tuple[list[Column], list[list[Cell]]]:
    """Set several runs side by side.

    Returns:
        The columns, and a row of cells per run. A column that no run can fill is left out.
    """
    headlines = [found[0] for run in runs if (found := results_of(run.info))]
    shared = headlines[0].label if len({each.label for each in headlines}) == 1 else ""
    results = [(_lowered(shared), True), ("note", False)] if shared else [(ON_TEST, False)]
    columns = [
        *(("run", False), ("trained", False), ("preset", False)),
        *(("seed", True), ("epochs", True), ("parameters", True)),
        *results,
        ("training", True),
    ]
    rows = [_compared(run, alike=bool(shared)) for run in runs]
    kept = [index for index in range(len(columns)) if any(row[index][0] for row in rows)]
    return [columns[index] for index in kept], [[row[index] for index in kept] for row in rows]


def overview(runs: list[RunView]) -> str:
    """Name a report on several runs by what they are.

    Example:
        >>> overview([RunView("a", {"task": "cnn"}), RunView("b", {"task": "vae"})])
        'cnn and vae'
    """
    subjects = list(dict.fromkeys(subject_of(run.name, run.info) for run in runs))
    if len(subjects) == 1:
        return f"{len(runs)} runs of {subjects[0]}"
    if len(subjects) < len(runs) or len(subjects) > MOST_SUBJECTS:
        return f"{len(runs)} runs compared"
    return f"{', '.join(subjects[:-1])} and {subjects[-1]}"


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
    info, notices = run.info, []
    status = info.get("status", "unknown")
    if status != "finished":
        done, planned = info.get("epochs_done"), part(info, "config").get("epochs")
        far = f" after {count(done)} of {plural(planned, 'epoch')}" if done and planned else ""
        where = str(run.folder) if run.folder else run.name
        notices.append(
            (
                f"This run has not finished: its status is “{status}”{far}.",
                f"glassnet train --resume {where}",
            )
        )
    if not measured(info):
        notices.append(("It has no result on the test set yet.", f"glassnet evaluate {run.name}"))
    if not sections:
        notices.append(("It has not been looked into yet.", f"glassnet explain {run.name}"))
    return notices


def _repeat(info: dict[str, Any]) -> list[tuple[str, str]]:
    data, hardware = part(info, "data"), part(info, "hardware")
    rows = [("Preset", info.get("preset")), ("Seed", info.get("seed"))]
    parts = [f"{count(data[part])} {part}" for part in ("train", "valid", "test") if part in data]
    rows.append(("Data", ": ".join(filter(None, [data.get("name"), ", ".join(parts)]))))
    rows.append(("Data fingerprint", data.get("fingerprint")))
    versions = [f"{name} {version}" for name, version in part(info, "versions").items()]
    rows.append(("Versions", ", ".join(versions)))
    rows.append(("Git commit", info.get("git")))
    machine = [hardware.get("machine"), hardware.get("processor"), hardware.get("device")]
    for key, words in (("cores", "cores"), ("threads", "threads"), ("memory_gib", "GiB memory")):
        if hardware.get(key) is not None:
            machine.append(f"{number(hardware[key])} {words}")
    rows.append(("Hardware", ", ".join(str(part) for part in machine if part)))
    rows.append(("Started", info.get("started")))
    rows.append(("Ended", info.get("ended")))
    spent = [f"{name} {duration(value)}" for name, value in part(info, "seconds").items()]
    rows.append(("Time spent", ", ".join(spent)))
    return [(name, str(value)) for name, value in rows if value not in (None, "")]


def _compared(run: RunView, *, alike: bool) -> list[Cell]:
    info = run.info
    seconds, parameters = part(info, "seconds").get("train"), info.get("parameters")
    seed, epochs = info.get("seed"), info.get("epochs_done")
    return [
        (run.name, run.name),
        (
            subject_of(run.name, run.info) if info.get("task") else "",
            subject_of(run.name, run.info),
        ),
        (str(info.get("preset") or ""), info.get("preset")),
        ("" if seed is None else str(seed), seed),
        ("" if epochs is None else count(epochs), epochs),
        ("" if parameters is None else count(parameters), parameters),
        *_compared_results(info, alike=alike),
        ("" if seconds is None else duration(seconds), seconds),
    ]


def _compared_results(info: dict[str, Any], *, alike: bool) -> list[Cell]:
    """Give the main number and its note; one cell with its name where runs are not alike."""
    test = measured(info)
    label, value, note = next(
        ((each.label, each.value, each.note) for each in results_of(info)), ("", "", "")
    )
    if alike:
        return [(value, test.get(test.get("headline", ""))), (note, note)]
    words = f"{label}: {value}" if value else ""
    return [(words, words)]


def _lowered(label: str) -> str:
    """Start a label with a small letter, unless it starts with an abbreviation."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label
