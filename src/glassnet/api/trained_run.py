"""A run from Python: its metrics, findings, figures, report and predictions."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glassnet import progress
from glassnet.allocator import reuse_freed_blocks
from glassnet.api.evaluated_run import EvaluatedRun
from glassnet.contract import ExplainOptions, Family, Modality
from glassnet.drawing import notebook  # noqa: F401 - findings show themselves by it
from glassnet.drawing.paper.style import DEFAULT_FORMATS
from glassnet.errors import UsageError, suggest
from glassnet.explain import report_files
from glassnet.explain.report_files import STANDARD_FILES, FigureFiles, figure_files
from glassnet.export import PARITY
from glassnet.findings import Finding, Findings, load_all, save
from glassnet.runs import lock
from glassnet.runs.folder import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.explain.verify import Verification
    from glassnet.export.metadata import Metadata
    from glassnet.inference.ood import OODDetector

METHODS = ("pca", "tsne")

MIN_POINTS = 20
"""Fewest examples in a projection."""


class TrainedRun(EvaluatedRun):
    """A run: predict with its network, evaluate and explain it, write its report.

    Args:
        run: the run folder.
        data: where its data are now, if they were moved; their fingerprint must be the same.

    Attributes:
        run: the run folder.

    Example:
        >>> run = gn.load("runs/cnn-mnist")  # doctest: +SKIP
        >>> run.results["test"]["accuracy"]  # doctest: +SKIP
        0.9951
    """

    def __repr__(self) -> str:
        return f"<glassnet run {self.name}, {self.info.get('status')}>"

    def _repr_html_(self) -> str:
        from glassnet.api import cards

        return cards.run_html(self)

    @property
    def metrics(self) -> dict[str, np.ndarray]:
        """The columns of metrics.csv: name -> (epochs,) float64."""
        return self.run.read_metrics()

    @property
    def findings(self) -> Findings:
        """The findings of the run by name; empty before `explain`."""
        return load_all(self.run.findings)

    @cached_property
    def ood_detector(self) -> OODDetector | None:
        """The detector of out-of-distribution inputs; None if the network has none."""
        from glassnet.inference.ood import detector_of

        if self.family != Family.CLASSIFIER:
            return None
        return detector_of(self.data, self.model, self.model.cache)

    def explain(
        self,
        layers: Sequence[str] | None = None,
        methods: Sequence[str] = METHODS,
        points: int = 5000,
        seed: int = 0,
        reference_classifier: Run | None = None,
        control_networks: bool = False,
        cross_validation: bool = False,
        draw: bool = True,
        files: FigureFiles = STANDARD_FILES,
    ) -> Findings:
        """Compute what each layer has learned; write findings and figures to the run folder.

        Args:
            layers: names of layers; the default is the task's choice.
            methods: projections, `pca` and `tsne`.
            points: number of test examples in the projections, at least 20.
            seed: seed of the subsample and of t-SNE; the same seed gives the same figures.
            reference_classifier: the run of a classifier that scores generated images; the default
                is the newest one on the same data in the same folder of runs.
            control_networks: compare every layer with the untrained network and with one that was
                trained on shuffled data.
            cross_validation: find label issues with five networks, each trained without a fifth of
                the training examples, not with linear models of words (texts) or the training
                dynamics (images); takes about four times as long as the training.
            draw: write the figures; the report does not need them.
            files: which files of each figure to write, PNG and SVG by default; see `draw_figures`.

        Returns:
            The findings by name.

        Raises:
            UsageError: there is no such layer or method, or there are too few points.
            RunError: another process is explaining the run.
        """
        options = self._options(layers, methods, points, seed, control_networks, cross_validation)
        with lock.hold(self.path, lock.EXPLAIN):
            self.run.reload()
            return self._explain(options, reference_classifier, files if draw else None)

    def _explain(
        self, options: ExplainOptions, reference_classifier: Run | None, files: FigureFiles | None
    ) -> Findings:
        from glassnet.explain import missing_views, run_views

        reuse_freed_blocks()
        options_id = run_views.options_id(options, reference_classifier)
        self.evidence.command = run_views.command(self.run, options, reference_classifier)
        if reference_classifier is not None:
            self.evidence.set_reference_classifier(reference_classifier)
        self.model.check_layers(options.layers)
        records = list(run_views.run_views(self.evidence, options, options_id))
        for record in records:
            save(record, self.run.findings)
        missing_views.remove_outdated(self.run, {record.name for record in records})
        run_views.store(self.run, run_views.new_record(self.evidence, options, options_id))
        report_files.write_claims(self.run)
        if files:
            report_files.draw(records, self.run, files)
        return Findings({record.name: record for record in records})

    def explain_text(self, text: str, files: FigureFiles = STANDARD_FILES) -> tuple[Finding, ...]:
        """Explain the prediction for one text, word by word; write figures to the run folder.

        Returns:
            The attribution of each word, the prediction after each word, and the activations of
            the most selective units at each word.

        Raises:
            UsageError: the network is no text classifier, or the text has no known word.
        """
        from glassnet.insight.views import typed_text

        if self.modality != Modality.TEXTS:
            raise UsageError(
                f"{self.name} ({self.task_name}) does not classify texts", "use a text classifier"
            )
        shown = shlex.quote(textwrap.shorten(text, 200, placeholder=" ..."))
        self.evidence.command = f"glassnet explain {self.name} --text {shown}"
        evidence = self.evidence
        records = typed_text.explain_text(
            evidence.data,
            evidence.model,
            evidence.text_model,
            evidence.cache,
            evidence.provenance,
            text,
        )
        report_files.draw(records, self.run, files)
        return records

    def figure(self, name: str, width: str | None = None, caption: bool = True) -> Figure:
        """Draw a finding as a matplotlib figure; explain the run first if it has no findings.

        Args:
            name: of the finding, such as `confusion-matrix`.
            width: such as `3.25in` or `82mm`; the default is 3.5 or 7.1 inches, as the content
                needs.
            caption: write the title above the figure, and the summary below.

        Raises:
            UsageError: there is no such finding; the error suggests the nearest name. Or the width
                is no length.
        """
        style = figure_files(width=width, caption=caption).style
        self.ensure_findings()
        return report_files.figure(self.run, name, style)

    def draw_figures(
        self,
        formats: Sequence[str] = DEFAULT_FORMATS,
        width: str | None = None,
        caption: bool = True,
    ) -> list[str]:
        """Draw the figures of the run's findings again; nothing is computed but their layout.

        Args:
            formats: of `png`, `svg` and `pdf`. Files in other formats stay.
            width, caption: as for `figure`. Without captions, each figure has its caption in
                `NAME.txt`, and a `NAME.tex` for LaTeX beside it.

        Returns:
            The names of the figures, in the run folder's `figures/`.

        Raises:
            UsageError: there is no such format, or the width is no length.
            RunError: another process is explaining the run, or a finding is damaged.
        """
        files = figure_files(formats, width, caption)
        self.ensure_findings()
        with lock.hold(self.path, lock.EXPLAIN):
            return report_files.redraw(self.run, files)

    @property
    def has_current_findings(self) -> bool:
        """Whether the run has findings, and they are of its best checkpoint."""
        from glassnet.runs import checkpoint

        return self.run.is_explained(checkpoint.digest(self.run.best))

    def report(self, path: Path | None = None) -> Path:
        """Write the report, one HTML file; what it lacks is made first.

        That is the test results of a trained run, and findings.
        """
        self.prepare_report()
        return report_files.write_report([self.run], path)

    def verify(self) -> Verification:
        """Recompute every number in the run's findings and report, from its data and weights.

        No cached value is used. The findings, the test results, claims.json and the report must
        agree with the recomputed values.

        Returns:
            The numbers of findings and claims that agree, and the duration in seconds.

        Raises:
            VerificationError: the first difference.
            RunError: there are no findings, or the data have changed.
        """
        from glassnet.explain import verify

        return verify.verify(self.run, self._moved_data)

    def export(self, path: Path | str | None = None, parity: str = "auto") -> Metadata:
        """Export the network to an ONNX file whose outputs are checked against the network's.

        Args:
            path: the file; the default is `model.onnx` in the run folder. A text classifier's
                tokenizer is written next to it.
            parity: the inputs of the comparison: `test` for test examples, `random` for random
                inputs, which need no data, or `auto` for test examples if the data are there.

        Returns:
            The file's metadata, including the largest difference.

        Raises:
            UsageError: onnx or onnxruntime is not installed.
            ExportError: the outputs differ by more than rounding; no file is written.
        """
        from glassnet.export import onnx

        if parity not in PARITY:
            raise UsageError(f"there is no parity {parity!r}", suggest(parity, PARITY))
        if parity == "test":
            _ = self.data.splits  # their error comes before any note
        file = Path(path or self.path / "model.onnx")
        return onnx.write(self.model, self.ood_detector, file, parity)

    @property
    def has_findings(self) -> bool:
        """Whether the run has been explained."""
        return self.run.is_explained()

    @property
    def explain_seconds(self) -> float:
        """About how long `explain` would take now, in seconds; 0 if the run has findings."""
        from glassnet.explain import duration

        options = ExplainOptions(self.evidence.task.layers)
        return (
            0.0 if self.has_findings else duration.estimate(self.evidence.task, self.info, options)
        )

    def ensure_findings(self) -> None:
        """Explain the run if it has no findings yet; a line says how long that will take."""
        if not self.has_findings:
            from glassnet.explain import duration  # imports torch

            progress.log(
                f"{self.name} has no findings yet: explaining it first "
                f"({duration.in_words(self.explain_seconds)})"
            )
            self.explain()

    def prepare_report(self) -> None:
        """Make what a report lacks: test results of a trained run, and findings."""
        if self.info.get("status") == "trained" and "test" not in self.info.get("results", {}):
            progress.log(f"{self.name} is not evaluated yet: evaluating it first")
            self.evaluate()
        self.ensure_findings()

    def _options(
        self,
        layers: Sequence[str] | None,
        methods: Sequence[str],
        points: int,
        seed: int,
        control_networks: bool,
        cross_validation: bool,
    ) -> ExplainOptions:
        for method in methods:
            if method not in METHODS:
                raise UsageError(f"there is no projection {method!r}", suggest(method, METHODS))
        if points < MIN_POINTS:
            raise UsageError(
                f"{points} points are too few for a projection", f"give {MIN_POINTS} or more"
            )
        if seed < 0:
            raise UsageError(f"the seed {seed} is negative", "give 0 or more")
        unique_layers = tuple(dict.fromkeys(layers or self.evidence.task.layers))
        unique_methods = tuple(dict.fromkeys(methods))
        return ExplainOptions(
            unique_layers, unique_methods, points, seed, control_networks, cross_validation
        )
