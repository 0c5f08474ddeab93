"""A trained run: the network and its folder, and everything one can ask of them."""

from __future__ import annotations

import shlex
import textwrap
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet import findings
from glassnet.contract import EvaluateOptions, ExplainOptions, LatentModel
from glassnet.data import inputs as given
from glassnet.data.inputs import Inputs
from glassnet.errors import UsageError, suggest
from glassnet.explain import report_files
from glassnet.inference.predictor import Predictor
from glassnet.runs import metrics_log
from glassnet.runs.folder import Run, now

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from torch import Tensor

    from glassnet.data.texts.vocabulary import Vocabulary
    from glassnet.explain.evidence import RunEvidence
    from glassnet.explain.verify import Verification
    from glassnet.export.metadata import Metadata
    from glassnet.inference.ood import OODDetector

METHODS = ("pca", "tsne")


class TrainedRun(Predictor):
    """A run and the network in it: look at it, ask it, write its report.

    Attributes:
        run: the folder.

    Example:
        >>> run = gn.load("runs/cnn-mnist-20261122-173000")  # doctest: +SKIP
        >>> run.results["test"]["accuracy"]  # doctest: +SKIP
        0.9951
    """

    def __init__(self, run: Run) -> None:
        self.run = run

    def __repr__(self) -> str:
        return f"<glassnet run {self.name}, {self.run.info.get('status')}>"

    @property
    def name(self) -> str:
        """The run folder's name."""
        return self.run.name

    @property
    def task_name(self) -> str:
        """The name of the run's task."""
        return str(self.run.info["task"])

    @property
    def output_names(self) -> frozenset[str]:
        """The names of the network's answers."""
        return self.evidence.task.outputs

    @property
    def path(self) -> Path:
        """The run folder."""
        return self.run.path

    @property
    def metrics(self) -> dict[str, np.ndarray]:
        """metrics.csv: column -> (epochs,) float64."""
        return metrics_log.read(self.run.metrics)

    @property
    def results(self) -> dict[str, Any]:
        """The final numbers, by split: `results["test"]["accuracy"]`, `["interval"]`, `["n"]`."""
        return self.run.info.get("results", {})

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes' names, in the order of `predict_proba`'s columns."""
        return tuple(self.run.info["data"]["class_names"])

    @cached_property
    def evidence(self) -> RunEvidence:
        """The network, its data and its answers, gathered when first asked for."""
        from glassnet.explain.evidence import RunEvidence

        return RunEvidence(self.run)

    @property
    def vocabulary(self) -> Vocabulary | None:
        """How the network's texts become words; None where it reads none."""
        return self.evidence.vocabulary if self.evidence.signature.vocabulary else None

    @cached_property
    def ood_detector(self) -> OODDetector | None:
        """How far inputs lie from the training data; None where that is not known."""
        from glassnet.inference.ood import learned

        return learned(self.evidence) if "probabilities" in self.output_names else None

    @property
    def false_positive_rate(self) -> float | None:
        """The share of inputs like the training data whose `distance` is above 1 all the same."""
        return self.ood_detector and self.ood_detector.false_positive_rate

    def outputs(self, inputs: Inputs, *, ood_scores: bool = False) -> dict[str, np.ndarray]:
        """Everything the network answers to inputs, by name, a row per input.

        Args:
            inputs: (n, H, W) or (n, H, W, channels) uint8 images of the size it was trained on, or
                n texts, as a list or an array of strings; a text without a word gets the answer to
                nothing at all.
            ood_scores: give `ood_score` (n,) as well, of a classifier that still has its training
                data or has been asked before: above 1 an input is unlike them.

        Raises:
            UsageError: the inputs have another shape or type.
        """
        from glassnet.inference.ood import asking

        ood_detector = self.ood_detector if ood_scores else None
        return self.evidence.predict(self._tensors(inputs), asking(self.evidence, ood_detector))

    def transform(self, inputs: Inputs, layer: str | None = None) -> np.ndarray:
        """What a layer makes of inputs.

        Args:
            inputs: images or texts, as for `outputs`.
            layer: a module's name, as `pool2`; by default the one that inputs are compared by.

        Returns:
            (n, features) float32, an image's or text's values in one row.

        Raises:
            UsageError: there is no such layer, or the inputs do not fit.
        """
        chosen = layer or self.evidence.feature_layer
        return self.evidence.activations(self._tensors(inputs), [chosen])[chosen]

    def save(self, folder: Path | str) -> Path:
        """Write the network to a folder that can be taken along, without the run and its data.

        It holds `config.json`, `model.safetensors`, for a reader of texts `tokenizer.json`, and
        `README.md`, a model card with the data, the numbers and the limits. `gn.load` opens it, and
        the answers are the same to the byte. No path of this machine is written into it.

        Args:
            folder: a new folder, or a model folder, which is replaced.

        Returns:
            The folder.

        Raises:
            UsageError: something else stands there.
            StorageError: it cannot be written.
        """
        from glassnet.export import model_folder

        return model_folder.save(self.evidence, Path(folder))

    def reconstruct(self, images: np.ndarray) -> np.ndarray:
        """Images (n, H, W[, channels]) uint8 as the network rebuilds them: the same shape and type.

        Raises:
            UsageError: the images have another shape or type, or the network rebuilds none.
        """
        self.require("reconstruction", "rebuilds no images")
        return self.outputs(images)["reconstruction"]

    def read_input(self, path: Path) -> np.ndarray:
        """The user's file as an input, brought to the network's size: (1, ...).

        Raises:
            DataError: it cannot be read.
        """
        return self.evidence.task.read_inputs([path], self.evidence.signature)

    def generate(
        self, count: int = 64, *, seed: int = 0, label: str | None = None, temperature: float = 1.0
    ) -> np.ndarray:
        """Images that the network makes up.

        Args:
            count: how many, at least 1.
            seed: the same seed gives the same images, the first ones whatever the count.
            label: a class's name, for a network that was trained with `conditional`.
            temperature: standard deviation of the codes; below 1 more typical, above 1 wilder.

        Returns:
            (count, H, W) or (count, H, W, channels) uint8.

        Raises:
            UsageError: the network makes no images, knows no such class, or a number is out of
                bounds.
        """
        from glassnet.inference import latents

        return latents.sample(self._generator, count, seed, self.class_number(label), temperature)

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Images (n, H, W[, channels]) uint8 to the means of their codes: (n, latent) float32."""
        from glassnet.inference import latents

        network = self._generator
        return latents.encode(network, latents.observe(network, self._tensors(images)))[0]

    def decode(self, codes: np.ndarray, label: str | None = None) -> np.ndarray:
        """Codes (n, latent) to images (n, H, W[, channels]) uint8; `label` as for `sample`.

        Raises:
            UsageError: the codes have another shape, or the network makes no images.
        """
        from glassnet.inference import latents

        network, codes = self._generator, np.require(codes, np.float32, ["C", "W"])
        if codes.ndim != 2 or codes.shape[1] != network.latent_dim or not len(codes):
            raise UsageError(
                f"codes of shape {codes.shape} do not fit", f"give (n, {network.latent_dim})"
            )
        return latents.decode(
            network, codes, latents.classes(network, len(codes), self.class_number(label))
        )

    def evaluate(self, samples: int | None = None, examples: int | None = None) -> dict[str, Any]:
        """Test numbers with n and interval; the test set is read once, its answers are kept.

        Args:
            samples: importance samples per example, where a likelihood is estimated.
            examples: how many of the test examples that estimate rests on.
        """
        began = time.perf_counter()
        results = self.evidence.task.results(self.evidence, EvaluateOptions(samples, examples))
        asked = {"samples": samples, "examples": examples}
        effort = {name: value for name, value in asked.items() if value is not None}
        seconds = self.run.info.get("seconds", {})
        seconds.setdefault("evaluate", round(time.perf_counter() - began, 2))
        told = {**self.results, "test": results}
        self.run.update(results=told, seconds=seconds, evaluated=effort)
        if self.run.info.get("status") == "trained":
            self.run.update(status="finished", ended=now())
        report_files.write_claims(self.run)
        return results

    def explain(
        self,
        layers: Sequence[str] | None = None,
        methods: Sequence[str] = METHODS,
        points: int = 5000,
        seed: int = 0,
        reference_classifier: Run | None = None,
        control_networks: bool = False,
        draw: bool = True,
    ) -> dict[str, findings.Record]:
        """Look into the network: findings by name; they and their figures go to the run folder.

        Args:
            layers: names of modules; by default those that suit the task.
            methods: projections, of `pca` and `tsne`.
            points: test examples in the projections, at least 20.
            seed: draws the examples and starts t-SNE; the same seed gives the same figures.
            judge: the run of a classifier that judges made-up images; by default the newest one
                on the same data beside this run.
            twins: set the untrained network and that of shuffled data beside every layer.
            draw: write the figures; the report, which draws its own, does without them.

        Raises:
            UsageError: a layer or a method that does not exist, or too few points.
        """
        from glassnet.explain import run_views

        options = self._options(layers, methods, points, seed, control_networks)
        self.evidence.command = run_views.command(self.run, options, reference_classifier)
        if reference_classifier is not None:
            self.evidence.set_reference_classifier(reference_classifier)
        self.evidence.check_layers(options.layers)
        made = list(run_views.run_views(self.evidence, options))
        for record in made:
            findings.save(record, self.run.findings)
        run_views.record(self.evidence, options)
        report_files.write_claims(self.run)
        if draw:
            report_files.draw(made, self.run.figures)
        return {record.name: record for record in made}

    def explain_text(self, text: str) -> tuple[findings.Finding, ...]:
        """See what the network makes of one text, word by word; figures go to the run folder.

        Returns:
            The text coloured by what each word adds to the answer, the answer after each word, and
            what the most telling units do at each word.

        Raises:
            UsageError: the network reads no texts, or the text has no word that it knows.
        """
        from glassnet.insight.views import typed_text

        if not self.evidence.signature.vocabulary:
            raise UsageError(
                f"{self.run.name}: a run of {self.evidence.task.name} reads no texts",
                "name the run of a reader of texts",
            )
        shown = shlex.quote(textwrap.shorten(text, 200, placeholder=" ..."))
        self.evidence.command = f"glassnet explain {self.run.name} --text {shown}"
        made = typed_text.explain_text(self.evidence, text)
        report_files.draw(made, self.run.figures)
        return made

    def figure(self, name: str) -> Figure:
        """One finding as a matplotlib figure; explains the run first if that has not been done.

        Raises:
            UsageError: there is no such finding; the nearest name is suggested.
        """
        if not any(self.run.findings.glob("*.json")):
            self.explain()
        return report_files.figure(self.run, name)

    def _tensors(self, inputs: Inputs) -> Tensor:
        """The user's images or texts as the task gives them to the network."""
        signature = self.evidence.signature
        if signature.vocabulary:
            return self.evidence.inputs_of(given.texts(inputs))
        return self.evidence.inputs_of(given.images(inputs, signature.input_shape))

    @property
    def _generator(self) -> LatentModel:
        network = self.evidence.network
        if not isinstance(network, LatentModel):
            name = self.evidence.task.name
            raise UsageError(
                f"{self.run.name}: a run of {name} makes no images", "name the run of a generator"
            )
        return network

    def export(self, path: Path | str | None = None) -> Metadata:
        """Write the network as one ONNX file, after checking it against this network's answers.

        Args:
            path: the file, by default `model.onnx` in the run's folder; the tokenizer of a network
                that reads texts is written beside it.

        Returns:
            What the file says of itself, the largest difference among it.

        Raises:
            UsageError: onnx or onnxruntime is not installed.
            ExportError: the file would not answer as the network does; none is written.
        """
        from glassnet.export import onnx

        return onnx.write(self.evidence, self.ood_detector, Path(path or self.path / "model.onnx"))

    def report(self, path: Path | None = None) -> Path:
        """Write the one-file report from the findings; explains the run first if need be."""
        if not any(self.run.findings.glob("*.json")):
            self.explain()
        return report_files.write_report([self.run], path)

    def verify(self) -> Verification:
        """Compute every number of the run again from its data and weights, and compare.

        The cache is not used. Findings, test results, claims.json and the report must agree.

        Returns:
            The number of findings and claims that agree, and the seconds that it took.

        Raises:
            VerificationError: the first thing that differs.
            RunError: there are no findings, or the data have changed.
        """
        from glassnet.explain import verify as verifying

        return verifying.verify(self.run)

    def _options(
        self,
        layers: Sequence[str] | None,
        methods: Sequence[str],
        points: int,
        seed: int,
        control_networks: bool,
    ) -> ExplainOptions:
        for method in methods:
            if method not in METHODS:
                raise UsageError(f"there is no projection {method!r}", suggest(method, METHODS))
        if points < 20:
            raise UsageError(f"{points} points are too few for a projection", "give 20 or more")
        if seed < 0:
            raise UsageError(f"the seed {seed} is negative", "give 0 or more")
        chosen = tuple(dict.fromkeys(layers or self.evidence.task.layers))
        return ExplainOptions(chosen, tuple(dict.fromkeys(methods)), points, seed, control_networks)
