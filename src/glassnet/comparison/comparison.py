"""A comparison of runs: its findings, its numbers and its page."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet import atomic, findings, progress
from glassnet.comparison import (
    differences,
    disagreements,
    generated,
    layers,
    overview,
    tables,
    training,
)
from glassnet.comparison.differences import Compared, Pair
from glassnet.comparison.overview import Verdict
from glassnet.comparison.sides import Side
from glassnet.drawing import notebook as _  # noqa: F401 - findings show themselves by it
from glassnet.errors import GlassnetError, StorageError, UsageError, suggest
from glassnet.findings import Finding, Findings, Provenance, Record
from glassnet.runs.folder import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FOLDER = "comparisons"
"""The folder of the pages, beside the runs."""

MAX_NAME = 150
"""Characters of a page's file name."""

TSNE = "tsne"


class Comparison:
    """Two or more runs, or groups of runs, compared.

    Attributes:
        labels: a name for each of them, which no other one has.
        title: which is better on what, by how much; or that no difference could be shown.
        differences: every measure of every two of them, the second less the first, with interval,
            test and corrected p value; see `glassnet.comparison.differences.Compared`.
        findings: name -> finding, in the order of the page.
        missing: what could not be compared -> why.

    Example:
        >>> comparison = gn.compare("cnn-mnist", "cnn-mnist-2")  # doctest: +SKIP
        >>> comparison.title  # doctest: +SKIP
        'No difference could be shown between cnn-mnist and cnn-mnist-2'
        >>> comparison.report()  # doctest: +SKIP
        PosixPath('runs/comparisons/cnn-mnist-and-cnn-mnist-2.html')
    """

    def __init__(self, sides: Sequence[Side], folder: Path, method: str = TSNE) -> None:
        self._sides, self._folder, self._method = tuple(sides), folder, method
        self.labels = tuple(side.label for side in sides)
        self.missing: dict[str, str] = {}
        for side in sides:
            if side.missing:
                self.missing[side.label] = side.missing
        self._pairs = differences.corrected(tuple(self._compare_pairs()))
        self._verdict = self._make_verdict()
        self.findings = Findings({record.name: record for record in self._make_findings()})

    def __repr__(self) -> str:
        return f"<glassnet comparison: {self.title}>"

    def _repr_html_(self) -> str:
        from glassnet.comparison import notebook

        return notebook.html(self._page(), self.file)

    @property
    def title(self) -> str:
        """Which is better on what, by how much; or that no difference could be shown."""
        return self._verdict.finding.title

    @property
    def lead(self) -> tuple[str, ...]:
        """How that was measured, and what could not be compared, in sentences."""
        return self._verdict.lead

    @property
    def differences(self) -> tuple[Compared, ...]:
        """Every measure of every two sides."""
        return tuple(each for pair in self._pairs for each in pair.compared)

    @property
    def file(self) -> Path:
        """Where `report` writes the page by default."""
        return self._folder / FOLDER / f"{_file_name(self._sides)}.html"

    @property
    def command(self) -> str:
        """The command line that makes it again."""
        names = [_name_of(side) for side in self._sides]
        method = f" --method {self._method}" if self._method != TSNE else ""
        return f"glassnet compare {' '.join(map(shlex.quote, names))}{method}"

    def report(self, path: Path | str | None = None) -> Path:
        """Write the comparison as a page, one HTML file.

        Args:
            path: the file; by default one in the folder `comparisons` beside the first run, named
                after the runs.

        Raises:
            StorageError: the file cannot be written.
        """
        from glassnet.report import comparison_page

        file = Path(path) if path else self.file
        return atomic.write(file, comparison_page.render(self._page()))

    def figure(self, name: str) -> Figure:
        """Draw one of the findings as a matplotlib figure.

        Raises:
            UsageError: there is no such figure; the nearest name is suggested.
        """
        from glassnet.drawing.paper import figure

        drawn = {each.name: each for each in self.findings.values() if isinstance(each, Finding)}
        if name not in drawn:
            raise UsageError(f"the comparison has no figure {name!r}", suggest(name, drawn))
        return figure.figure(drawn[name])

    def as_dict(self) -> dict[str, Any]:
        """Everything that was compared, as JSON's types."""
        return {
            "runs": {side.label: [str(e.run.path) for e in side.evidence] for side in self._sides},
            "title": self.title,
            "lead": list(self.lead),
            "differences": [_as_dict(each) for each in self.differences],
            "by_seed": {
                f"{pair.second.label} less {pair.first.label}": {
                    found.measure.name: dict(
                        zip(map(str, found.seeds), (d.value for d in found.each), strict=True)
                    )
                    for found in pair.by_seed
                }
                for pair in self._pairs
                if pair.by_seed
            },
            "configuration": self.configuration,
            "missing": self.missing,
        }

    @property
    def configuration(self) -> dict[str, dict[str, str]]:
        """Setting -> label -> value as text, of the settings that differ."""
        table = self.findings.get("configuration")
        if not isinstance(table, findings.Table):
            return {}
        return {
            str(name): dict(zip(self.labels, map(str, values), strict=True))
            for name, *values in table.rows
        }

    def _compare_pairs(self) -> Iterator[Pair]:
        whole = [side for side in self._sides if not side.missing]
        for one, other in combinations(whole, 2):
            yield from self._part(
                f"numbers of {one.label} and {other.label}",
                lambda one=one, other=other: [differences.compare(one, other)],  # type: ignore[misc]
            )

    def _make_verdict(self) -> Verdict:
        return overview.verdict(self._sides, self._pairs, self._provenance("test"))

    def _make_findings(self) -> Iterator[Record]:
        sides, pairs = self._sides, self._pairs
        tested, no_examples = self._provenance("test"), self._provenance("")
        with_first = [pair for pair in pairs if pair.first is sides[0]]
        yield from self._part("results", lambda: [tables.results_table(sides, tested)])
        yield from self._part("differences", lambda: [tables.differences_table(pairs, tested)])
        yield from self._part("differences by seed", lambda: tables.seed_bars(pairs, tested))
        yield from self._part("configuration", lambda: [training.configuration(sides, no_examples)])
        yield from self._part(
            "training curves", lambda: [training.curves(sides, self._provenance("valid"))]
        )
        yield from self._part(
            "generated images", lambda: generated.side_by_side(sides, with_first, tested)
        )
        yield from self._part(
            "maps", lambda: layers.maps(sides, with_first, self._method, tested) or ()
        )
        for index, pair in enumerate(with_first, 1):
            of = f"of {pair.first.label} and {pair.second.label}"
            yield from self._part(
                f"similarity of the layers {of}",
                lambda pair=pair, index=index: [layers.similarity(pair, index, tested)],  # type: ignore[misc]
            )
            yield from self._part(
                f"disagreements {of}",
                lambda pair=pair, index=index: disagreements.disagreements(pair, index, tested),  # type: ignore[misc]
            )

    def _part(self, name: str, make: Callable[[], Iterable[Any]]) -> Iterator[Any]:
        """What a part makes; a part that fails is missing and leaves the others alone."""
        try:
            for made in make():
                if made is None:
                    continue
                if isinstance(made, Finding):
                    findings.check(made)
                yield made
        except StorageError:
            raise
        except Exception as error:
            if os.environ.get("GLASSNET_DEBUG"):
                raise
            self.missing[name] = (
                f"{error.message}; {error.hint}"
                if isinstance(error, GlassnetError)
                else " ".join(f"{type(error).__name__}: {error}".split())[:200]
            )
            progress.log(f"{name} could not be compared: {self.missing[name]}")

    def _provenance(self, split: str) -> Provenance:
        whole = [side for side in self._sides if not side.missing]
        n = len(whole[0].data.test) if split == "test" and whole else 0
        return Provenance(
            run=", ".join(self.labels),
            checkpoint="",
            split=split if n else "",
            n=n,
            seed=None,
            command=self.command,
        )

    def _page(self) -> Any:
        from glassnet.report.comparison_page import ComparisonView

        return ComparisonView(
            name=overview.joined(self._sides),
            header=self._verdict.finding,
            lead=self.lead,
            numbers=self._verdict.numbers,
            notices=tuple(self._notices()),
            findings=self.findings,
            command=self.command,
            details=tuple(
                (side.label, _origin(each.run)) for side in self._sides for each in side.evidence
            ),
        )

    def _notices(self) -> Iterator[str]:
        for side in self._sides:
            yield from unfinished(side)
        for what, why in self.missing.items():
            yield f"{what}: {why}."


def unfinished(side: Side) -> Iterator[str]:
    """Say which runs of a side are still training, or were stopped."""
    for each in side.evidence:
        info = each.run.info
        status, done = info.get("status", "unknown"), info.get("epochs_done", 0)
        if status in ("trained", "finished"):
            continue
        planned = info["config"].get("epochs", "?")
        yield (
            f"{side.label} is not finished (status: {status}, {done} of {planned} epochs): the "
            "best checkpoint so far is compared."
        )


def _origin(run: Run) -> str:
    best = run.info.get("best", {}).get("epoch")
    epoch = f"weights of epoch {best}; " if best else ""
    return f"{epoch}{run.info.get('command') or 'its command is not on record'}"


def _name_of(side: Side) -> str:
    run = side.first.run
    return run.path.parent.name if side.is_group else run.name


def _file_name(sides: Sequence[Side]) -> str:
    name = "-and-".join(_name_of(side) for side in sides)
    return re.sub(r"[^\w.-]+", "-", name)[:MAX_NAME].strip("-.") or "comparison"


def _as_dict(compared: Compared) -> dict[str, Any]:
    return {
        "measure": compared.measure.name,
        "unit": compared.measure.unit or "share",
        "first": compared.first,
        "second": compared.second,
        "first_value": compared.first_value,
        "second_value": compared.second_value,
        "difference": compared.difference.value,
        "low": compared.difference.low,
        "high": compared.difference.high,
        "p": compared.difference.p,
        "p_holm": compared.p_holm,
        "n": compared.n,
        "other_n": compared.other_n,
        "paired": compared.is_paired,
        "over": "seeds" if compared.over_seeds else "examples",
        "test": compared.test,
        "better": compared.better or None,
    }
