"""Content of a report, as plain values for the page's template.

A chapter is one run: its header, the sections with its findings, and how to reproduce it. Whatever
a run does not have is left out, with a notice where that matters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glassnet import findings
from glassnet.findings import Finding
from glassnet.report.formatting import count, duration, number, plural
from glassnet.report.header import (
    KeyNumber,
    header,
    results_of,
    section_of,
    subject_of,
    test_results,
)
from glassnet.report.highlights import highlights

TITLES = {
    "result": "How good is it?",
    "network": "The network",
    "training": "How training went",
    "samples": "What it generates",
    "latent-space": "The latent space",
    "texts": "How it reads a text",
    "words": "What it learned about words",
    "layers": "What each layer sees",
    "dynamics": "When and where it learned",
    "examples": "When it learned each example",
    "mistakes": "Where it goes wrong",
    "other-data": "On other data",
}
OTHER = "More findings"

PARTS = {
    "training": ("Training", ("network", "training")),
    "layers": ("Layers", ("layers", "dynamics")),
    "generated": ("Generated images", ("samples", "latent-space")),
    "words": ("Words", ("texts", "words")),
    "examples": ("Examples", ("examples",)),
    "mistakes": ("Mistakes", ("mistakes", "other-data", "other")),
    "provenance": ("Provenance", ()),
}
"""Key of a part -> its title and its sections. The overview, which comes first, has `OVERVIEW`."""

OVERVIEW = ("result",)
"""Sections below the findings that matter most."""

REPEAT = "How to reproduce this run"
RUNS = "The runs"
MAX_SUBJECTS = 3
"""Largest number of subjects that a report's title names."""


Files = Mapping[str, Sequence[tuple[str, str]]]
"""Name of a finding -> (format, address) of each file of its figure."""


@dataclass(frozen=True)
class Member:
    """A run of a group: its name, the link to its report (empty if it has none), its result."""

    name: str
    link: str
    status: str
    result: str


@dataclass(frozen=True)
class RunView:
    """What a report needs to know about one run, or a group of runs.

    Attributes:
        name: the run's name.
        info: the content of `run.json`; every key may be missing.
        findings: name -> record, `Examples` among them.
        folder: the run folder, or None if there is none.
        members: the runs of a group.
        files: name of a finding -> (format, address) of the files of its figure.
    """

    name: str
    info: dict[str, Any]
    findings: dict[str, findings.Record] = field(default_factory=dict)
    folder: Path | None = None
    members: tuple[Member, ...] = ()
    files: Files = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    """Findings under one heading; `key` is part of the addresses inside the page."""

    key: str
    title: str
    findings: tuple[findings.Finding, ...]


@dataclass(frozen=True)
class Part:
    """Sections that a reader opens as one: a tab of the page, a fold of the report."""

    key: str
    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Chapter:
    """One run in a report.

    Attributes:
        name: the run's name.
        title: what was trained on which data, and how good it is.
        lead: sentences below the title.
        numbers: the key numbers.
        header: title, lead and key numbers as findings that are not drawn, with their claims.
        notices: what is missing, each with the command that makes it, or an empty one.
        sections: the findings.
        command: the command that started the run, or empty.
        reproduction: (name, value) of everything needed to reproduce it.
        config: (name, value) of the full configuration.
        members: the runs of a group.
        highlights: the findings that matter most.
        files: name of a finding -> (format, address) of the files of its figure.
    """

    name: str
    title: str
    lead: tuple[str, ...]
    numbers: tuple[KeyNumber, ...]
    header: tuple[Finding, ...]
    notices: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    command: str
    reproduction: tuple[tuple[str, str], ...]
    config: tuple[tuple[str, str], ...]
    members: tuple[Member, ...] = ()
    highlights: tuple[Finding, ...] = ()
    files: Files = field(default_factory=dict)

    @property
    def overview(self) -> tuple[Section, ...]:
        """The sections below the findings that matter most."""
        return tuple(section for section in self.sections if section.key in OVERVIEW)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The other sections by part; parts without any are left out, but for the provenance."""
        sections = {section.key: section for section in self.sections}
        return tuple(
            Part(key, title, present)
            for key, (title, keys) in PARTS.items()
            if (present := tuple(sections[each] for each in keys if each in sections))
            or key == "provenance"
        )


def chapter(run: RunView) -> Chapter:
    """Collect the content of one run's chapter."""
    sections, run_header = tuple(_sections(run)), header(run.name, run.info)
    return Chapter(
        name=run.name,
        title=run_header.title,
        lead=run_header.lead,
        numbers=run_header.numbers,
        header=run_header.findings,
        notices=tuple(_notices(run, sections)),
        sections=sections,
        command=str(run.info.get("command") or ""),
        reproduction=tuple(_reproduction(run.info)),
        config=tuple(flatten(run.info.get("config") or {})),
        members=run.members,
        highlights=highlights(run.findings),
        files=run.files,
    )


Cell = tuple[str, float | str | None]
"""A table cell's text, and the value to sort by."""

Column = tuple[str, bool]
"""A column's name, and whether it is numeric."""

ON_TEST = "on the test set"
"""The column of results that do not share a name."""


def comparison(runs: list[RunView]) -> tuple[list[Column], list[list[Cell]]]:
    """Compare several runs in a table.

    Returns:
        The columns, and a row of cells per run. A column that is empty for all runs is left out.
    """
    headlines = [numbers[0] for run in runs if (numbers := results_of(run.info))]
    shared = headlines[0].label if len({headline.label for headline in headlines}) == 1 else ""
    results = [(_lowercase(shared), True), ("note", False)] if shared else [(ON_TEST, False)]
    columns = [
        *(("run", False), ("trained", False), ("preset", False)),
        *(("seed", True), ("epochs", True), ("parameters", True)),
        *results,
        ("training", True),
    ]
    rows = [_compared(run, comparable=bool(shared)) for run in runs]
    filled = [index for index in range(len(columns)) if any(row[index][0] for row in rows)]
    return [columns[index] for index in filled], [[row[index] for index in filled] for row in rows]


def overview(runs: list[RunView]) -> str:
    """Give the title of a report on several runs.

    Example:
        >>> overview([RunView("a", {"task": "cnn"}), RunView("b", {"task": "vae"})])
        'cnn and vae'
    """
    subjects = list(dict.fromkeys(subject_of(run.name, run.info) for run in runs))
    if len(subjects) == 1:
        return f"{len(runs)} runs of {subjects[0]}"
    if len(subjects) < len(runs) or len(subjects) > MAX_SUBJECTS:
        return f"{len(runs)} runs compared"
    return f"{', '.join(subjects[:-1])} and {subjects[-1]}"


def flatten(values: dict[str, Any], above: str = "") -> list[tuple[str, str]]:
    """List nested values as (dotted name, formatted value).

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
    sections = []
    for key in findings.SECTIONS:
        if chosen := tuple(finding for finding in drawn if finding.section == key):
            sections.append(Section(key, TITLES.get(key, key.capitalize()), chosen))
    rest = tuple(finding for finding in drawn if finding.section not in findings.SECTIONS)
    return [*sections, Section("other", OTHER, rest)] if rest else sections


def _notices(run: RunView, sections: tuple[Section, ...]) -> list[tuple[str, str]]:
    info, notices = run.info, []
    if (status := info.get("status", "unknown")) != "finished":
        done, planned = info.get("epochs_done"), section_of(info, "config").get("epochs")
        progress = f" after {count(done)} of {plural(planned, 'epoch')}" if done and planned else ""
        where = str(run.folder) if run.folder else run.name
        notices.append(
            (
                f"This run is not finished (status: {status}{progress}).",
                f"glassnet train --resume {where}",
            )
        )
    if not test_results(info):
        notices.append(
            ("It hasn't been evaluated on the test set yet.", f"glassnet evaluate {run.name}")
        )
    if not sections:
        notices.append(("It has no findings yet.", f"glassnet explain {run.name}"))
    return notices


def _reproduction(info: dict[str, Any]) -> list[tuple[str, str]]:
    data, hardware = section_of(info, "data"), section_of(info, "hardware")
    sizes = [f"{count(data[name])} {name}" for name in ("train", "valid", "test") if name in data]
    versions = [f"{name} {version}" for name, version in section_of(info, "versions").items()]
    machine = [hardware.get("machine"), hardware.get("processor"), hardware.get("device")]
    for key, words in (("cores", "cores"), ("threads", "threads"), ("memory_gib", "GiB memory")):
        if hardware.get(key) is not None:
            machine.append(f"{number(hardware[key])} {words}")
    times = [f"{name} {duration(value)}" for name, value in section_of(info, "seconds").items()]
    rows = [
        ("Preset", info.get("preset")),
        ("Seed", info.get("seed")),
        ("Data", ": ".join(filter(None, [data.get("name"), ", ".join(sizes)]))),
        ("Data fingerprint", data.get("fingerprint")),
        ("Versions", ", ".join(versions)),
        ("Git commit", info.get("git")),
        ("Hardware", ", ".join(str(part) for part in machine if part)),
        ("Started", info.get("started")),
        ("Ended", info.get("ended")),
        ("Time", ", ".join(times)),
    ]
    return [(name, str(value)) for name, value in rows if value not in (None, "")]


def _compared(run: RunView, *, comparable: bool) -> list[Cell]:
    info = run.info
    seconds, parameters = section_of(info, "seconds").get("train"), info.get("parameters")
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
        *_compared_results(info, comparable=comparable),
        ("" if seconds is None else duration(seconds), seconds),
    ]


def _compared_results(info: dict[str, Any], *, comparable: bool) -> list[Cell]:
    """Give the main number and its note, or one cell with its name if the runs' results differ."""
    test = test_results(info)
    label, value, note = next(
        ((result.label, result.value, result.note) for result in results_of(info)), ("", "", "")
    )
    if comparable:
        return [(value, test.get(test.get("headline", ""))), (note, note)]
    result = f"{label}: {value}" if value else ""
    return [(result, result)]


def _lowercase(label: str) -> str:
    """Start a label with a lowercase letter, unless it starts with an abbreviation."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label
