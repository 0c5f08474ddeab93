"""The verbs: train, load, evaluate, explain, report. The command line and Python both come here."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet import config, findings, progress, tasks
from glassnet.contract import Options, Splits
from glassnet.errors import UsageError, suggest
from glassnet.runs import environment, log
from glassnet.runs.folder import Run, default_root, find

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.evidence import RunEvidence
    from glassnet.training.hooks import Hook

METHODS = ("pca", "tsne")


class TrainedRun:
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
        self._evidence: RunEvidence | None = None

    def __repr__(self) -> str:
        return f"<glassnet run {self.run.name}, {self.run.facts.get('status')}>"

    @property
    def path(self) -> Path:
        """The run folder."""
        return self.run.path

    @property
    def metrics(self) -> dict[str, np.ndarray]:
        """metrics.csv: column -> (epochs,) float64."""
        return log.read(self.run.metrics)

    @property
    def results(self) -> dict[str, Any]:
        """The final numbers, by split: `results["test"]["accuracy"]`, `["interval"]`, `["n"]`."""
        return self.run.facts.get("results", {})

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes' names, in the order of `predict_proba`'s columns."""
        return tuple(self.run.facts["data"]["class_names"])

    @property
    def evidence(self) -> RunEvidence:
        """The network, its data and its answers, gathered when first asked for."""
        if self._evidence is None:
            from glassnet.evidence import RunEvidence

            self._evidence = RunEvidence(self.run)
        return self._evidence

    def predict_proba(self, inputs: np.ndarray) -> np.ndarray:
        """Probabilities of the classes.

        Args:
            inputs: (n, H, W) or (n, H, W, channels) uint8 images of the size it was trained on.

        Returns:
            (n, classes) float32; each row sums to 1.

        Raises:
            UsageError: the inputs have another shape or type.
        """
        from glassnet.contract import Split

        inputs = np.asarray(inputs)
        wanted = self.evidence.signature.input_shape
        if inputs.dtype != np.uint8 or inputs.ndim not in (3, 4) or not len(inputs):
            raise UsageError(
                f"inputs of type {inputs.dtype} and shape {inputs.shape} are no images",
                f"give (n, height, width) uint8; this network takes {wanted}",
            )
        nothing = np.zeros(len(inputs), np.int64)
        tensors = self.evidence.task.tensors(Split(inputs, nothing, nothing))[0]
        if tuple(tensors.shape[1:]) != wanted:
            raise UsageError(
                f"inputs of shape {inputs.shape} do not fit",
                f"this network takes channels, height, width = {wanted}",
            )
        return self.evidence.predict(tensors)

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """(n,) int64 class numbers, the most probable ones."""
        return self.predict_proba(inputs).argmax(axis=1)

    def predict_files(self, paths: Sequence[Path]) -> np.ndarray:
        """(n, classes) probabilities for the user's files, brought to the network's size."""
        task, signature = self.evidence.task, self.evidence.signature
        return self.predict_proba(task.read_inputs(paths, signature))

    def evaluate(self) -> dict[str, Any]:
        """Test numbers with n and interval; the test set is read once, its answers are kept."""
        began = time.perf_counter()
        results = self.evidence.task.results(self.evidence.prediction)
        seconds = self.run.facts.get("seconds", {})
        seconds.setdefault("evaluate", round(time.perf_counter() - began, 2))
        self.run.update(results={**self.results, "test": results}, seconds=seconds)
        if self.run.facts.get("status") == "trained":
            self.run.update(status="finished", ended=_now())
        return results

    def explain(
        self,
        layers: Sequence[str] | None = None,
        methods: Sequence[str] = METHODS,
        points: int = 5000,
        seed: int = 0,
    ) -> dict[str, findings.Record]:
        """Look into the network: findings and figures, written to the run folder.

        Args:
            layers: names of modules; by default those that suit the task.
            methods: projections, of `pca` and `tsne`.
            points: test examples in the projections, at least 20.
            seed: draws the examples and starts t-SNE; the same seed gives the same figures.

        Returns:
            Findings by name.

        Raises:
            UsageError: a layer or a method that does not exist, or too few points.
        """
        options = self._options(layers, methods, points, seed)
        self.evidence.command = _explain_command(self.run, options)
        self.evidence.check_layers(options.layers)
        made: list[findings.Record] = [self.evidence.examples(options.points, options.seed)]
        for insight in self.evidence.task.insights:
            made += insight(self.evidence, options)
        for record in made:
            findings.save(record, self.run.findings)
        self._draw(made)
        return {record.name: record for record in made}

    def figure(self, name: str) -> Figure:
        """One finding as a matplotlib figure; explains the run first if that has not been done.

        Raises:
            UsageError: there is no such finding; the nearest name is suggested.
        """
        from glassnet.drawing import paper

        if not any(self.run.findings.glob("*.json")):
            self.explain()
        known = {path.stem for path in self.run.findings.glob("*.json")} - {"examples"}
        if name not in known:
            raise UsageError(f"{self.run.name} has no figure {name!r}", suggest(name, known))
        record = findings.load(self.run.findings / f"{name}.json")
        assert isinstance(record, findings.Finding)  # noqa: S101
        return paper.figure(record)

    def report(self, path: Path | None = None) -> Path:
        """Write the one-file report from the findings; explains the run first if need be."""
        if not any(self.run.findings.glob("*.json")):
            self.explain()
        return write_report([self.run], path)

    def _options(
        self, layers: Sequence[str] | None, methods: Sequence[str], points: int, seed: int
    ) -> Options:
        for method in methods:
            if method not in METHODS:
                raise UsageError(f"there is no projection {method!r}", suggest(method, METHODS))
        if points < 20:
            raise UsageError(f"{points} points are too few for a projection", "give 20 or more")
        if seed < 0:
            raise UsageError(f"the seed {seed} is negative", "give 0 or more")
        chosen = tuple(dict.fromkeys(layers or self.evidence.task.layers))
        return Options(chosen, tuple(dict.fromkeys(methods)), points, seed)

    def _draw(self, records: Sequence[findings.Record]) -> None:
        from glassnet.drawing import paper

        with progress.stage("figures", len(records)) as advance:
            for record in records:
                if isinstance(record, findings.Finding):
                    paper.draw(record, self.run.figures)
                advance(note=record.name)


def train(
    task: str = "cnn",
    *,
    preset: str = "default",
    config_file: Path | str | None = None,
    runs: Path | str | None = None,
    evaluate: bool = True,
    hooks: Sequence[Hook] = (),
    **overrides: Any,
) -> TrainedRun:
    """Train a network and evaluate its best checkpoint once on the test set.

    Args:
        task: a family of networks, as `cnn`.
        preset: a named configuration of it.
        config_file: TOML that is laid over the preset.
        runs: the folder that gets the run's folder; by default `runs`.
        evaluate: whether to read the test set when training is done.
        hooks: what else is to happen after steps and epochs, see `glassnet.training.hooks.Hook`.
        overrides: fields of the configuration, as `data`, `seed`, `epochs`.

    Raises:
        UserError: a name or a value that does not hold.
        FetchError: the data cannot be had.
        TrainingError: the loss is not a number.
        Interrupted: Ctrl-C; the hint says how to go on.

    Example:
        >>> run = gn.train("cnn", data="mnist", preset="paper", seed=1)  # doctest: +SKIP
    """
    base = tasks.preset(task, preset)
    chosen = config.resolve(
        base, file=Path(config_file) if config_file else None, overrides=overrides
    )
    from glassnet.training.train import open_fabric

    fabric = open_fabric(chosen)
    splits, seconds = _timed_load(task, chosen)
    run = None
    if fabric.is_global_zero:
        root = Path(runs) if runs else default_root()
        facts = _facts(task, preset, chosen, splits) | {"seconds": {"data": seconds}}
        run = Run.create(root, f"{task}-{Path(splits.name).name}", facts)
    path = fabric.broadcast(str(run.path) if run else "")
    run = run or Run.open(Path(path))
    return _train_and_evaluate(fabric, chosen, splits, run, evaluate, hooks)


def resume(run: Run, *, evaluate: bool = True, hooks: Sequence[Hook] = ()) -> TrainedRun:
    """Go on with an interrupted training, exactly from its last checkpoint.

    Args:
        run: the run's folder, as `gn.load(path).run` has it.
        evaluate: whether to read the test set when training is done.
        hooks: as for `train`; they are not part of what is saved.

    Raises:
        RunError: the data have changed, or a checkpoint is damaged.
    """
    from glassnet.training.train import open_fabric

    evidence = TrainedRun(run).evidence
    fabric = open_fabric(evidence.config)
    return _train_and_evaluate(fabric, evidence.config, evidence.splits, run, evaluate, hooks)


def load(path: Path | str) -> TrainedRun:
    """Open a run by its folder, or by its name under `runs`.

    Raises:
        RunError: there is none; the nearest name is suggested.
    """
    return TrainedRun(find(str(path)))


def write_report(runs: Sequence[Run], path: Path | None = None) -> Path:
    """Write one HTML file about some runs, from their findings alone; imports no torch.

    Args:
        runs: each with findings; the first one's folder gets the file by default.
        path: another place for it.

    Raises:
        RunError: a finding is damaged.
        StorageError: the file cannot be written.
    """
    from glassnet.report import RunView, write

    views = [
        RunView(
            name=run.name,
            facts=run.facts,
            findings=findings.load_all(run.findings),
            folder=run.path,
        )
        for run in runs
    ]
    return write(views, path or runs[0].report)


def _train_and_evaluate(
    fabric: Any,
    chosen: config.TrainingConfig,
    splits: Splits,
    run: Run,
    evaluate: bool,
    hooks: Sequence[Hook],
) -> TrainedRun:
    from glassnet.training.train import train as fit_run

    fit_run(fabric, tasks.load(run.facts["task"]), chosen, splits, run, hooks)
    if not fabric.is_global_zero:
        raise SystemExit(0)  # the other processes have done their share
    trained = TrainedRun(run)
    trained.evidence.splits = splits
    if evaluate:
        trained.evaluate()
    return trained


def _timed_load(task: str, chosen: config.TrainingConfig) -> tuple[Splits, float]:
    began = time.perf_counter()
    splits = tasks.load(task).load(chosen)
    return splits, round(time.perf_counter() - began, 2)


def _facts(task: str, preset: str, chosen: config.TrainingConfig, splits: Splits) -> dict[str, Any]:
    """Everything needed to repeat a run."""
    from glassnet.training.train import precision, signature

    wanted = signature(tasks.load(task), splits)
    network = tasks.load(task).build(chosen, wanted)  # refuses what does not fit, early
    return {
        "task": task,
        "preset": preset,
        "status": "started",
        "seed": chosen.seed,
        "config": config.as_dict(chosen),
        "command": config.command(task, preset, chosen, tasks.preset(task, preset)),
        "data": {
            "name": splits.name,
            "fingerprint": splits.fingerprint,
            "train": len(splits.train),
            "valid": len(splits.valid),
            "test": len(splits.test),
            "input_shape": list(wanted.input_shape),
            "class_names": list(splits.class_names),
        },
        "parameters": sum(p.numel() for p in network.parameters()),
        "precision": precision(chosen),
        "versions": environment.versions(),
        "hardware": environment.hardware(),
        "git": environment.commit(),
        "started": _now(),
    }


def _explain_command(run: Run, options: Options) -> str:
    return (
        f"glassnet explain {run.name} --layers {','.join(options.layers)} "
        f"--method {','.join(options.methods)} --points {options.points} --seed {options.seed}"
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
