"""Verification: every number of a run computed again from its data and weights."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

import numpy as np

from glassnet import findings, progress, report
from glassnet.contract import EvaluateOptions
from glassnet.data.batches import Batches
from glassnet.errors import GlassnetError, RunError, VerificationError
from glassnet.explain import elsewhere, report_files, run_views
from glassnet.explain.evidence import RunEvidence
from glassnet.explain.run_views import ExplainRecord
from glassnet.findings import Record
from glassnet.findings.compare import Difference, Tolerance, differences
from glassnet.inference import temperature
from glassnet.insight.measures.projection_quality import shared_neighbours
from glassnet.insight.views.stored_maps import stored_maps
from glassnet.runs import metrics_log
from glassnet.runs.folder import Run, find
from glassnet.runs.group import Group
from glassnet.training import loop

SAME_MACHINE = Tolerance(number=1e-5, array=1e-4)
"""On the machine that made the findings: the last bits of a sum may differ, since they depend on
the order in which threads add."""

OTHER_MACHINE = Tolerance(number=1e-4, array=1e-3, absolute=2e-5, examples=3, further_maps=0.2)
"""On another machine, where every sum has other last bits. They decide where t-SNE places its
points: what is measured on its maps is measured on the stored ones."""

MIN_SHARED = 0.4
"""Share of nearest neighbours that a stored t-SNE map must have in common with the new one."""

VALIDATION = Tolerance(number=1e-3, array=1e-3)
"""For the metrics of training, which may have run on a GPU."""


@dataclass(frozen=True)
class Verification:
    """The result of `verify`: number of findings and claims that agree, and the seconds it took."""

    findings: int
    claims: int
    seconds: float


class MemoryCache:
    """A cache that begins empty, so that everything is computed from the data and weights.

    `maps` are t-SNE maps that another machine placed (see `stored_maps`): they take the place of
    those computed here, if they are maps of the same points.
    """

    def __init__(self) -> None:
        self._computed: dict[str, dict[str, np.ndarray]] = {}
        self.maps: dict[str, np.ndarray] = {}

    def __call__(
        self, name: str, make: Callable[[], dict[str, np.ndarray]]
    ) -> dict[str, np.ndarray]:
        """Call `make` on first use of a name; nothing is read from disk."""
        if name not in self._computed:
            self._computed[name] = made = make()
            stored = self.maps.get(name)
            if stored is not None and _are_maps_of_the_same(stored, made["points"]):
                self._computed[name] = made | {"points": stored}
        return self._computed[name]


def _are_maps_of_the_same(stored: np.ndarray, computed: np.ndarray) -> bool:
    """Whether maps (..., n, 2) have enough neighbours in common."""
    if stored.shape != computed.shape:
        return False
    shape = (-1, *stored.shape[-2:])
    pairs = zip(stored.reshape(shape), computed.reshape(shape), strict=True)
    return all(float(shared_neighbours(*pair).mean()) >= MIN_SHARED for pair in pairs)


class FreshEvidence(RunEvidence):
    """Evidence that ignores what the run folder stores of earlier computations."""

    def __init__(self, run: Run, data: str | None = None) -> None:
        self.memory = MemoryCache()
        super().__init__(run, data=data, cache=self.memory)

    def restore(self, record: ExplainRecord, stored: Mapping[str, Record]) -> None:
        """Restore what an earlier `explain` call was given: its command, its reference classifier.

        If another machine made its findings, its t-SNE maps are restored as well.
        """
        self.command = record.command
        name = record.reference_classifier
        self.set_reference_classifier(find(name, self.run.root) if name else None)
        if tolerance_of(record) is OTHER_MACHINE:
            made = {key: each for key, each in stored.items() if each.options_id == record.id}
            self.memory.maps |= stored_maps(made, self.model, record.options)

    @cached_property
    def results(self) -> dict[str, Any]:
        """The test results, computed with the options that run.json names."""
        return self.evaluate(EvaluateOptions(**self.run.info.get("evaluated", {})))


def verify(run: Run, data: str | None = None) -> Verification:
    """Compute every number of a run again, and compare it with the stored one.

    The order is: what run.json states about data, training and weights; the results on the test
    set; every finding, within `SAME_MACHINE` or `OTHER_MACHINE`; claims.json; and the report, which
    must be exactly what findings and run.json give. Control networks are read from the run folder,
    not trained again. Figures (PNG, SVG) are not compared.

    Args:
        run: the run.
        data: where its data are now, if they were moved.

    Raises:
        VerificationError: the first number or text that differs.
        RunError: there are no findings, the data have changed, or a file is damaged.
    """
    return verify_evidence(FreshEvidence(run, data))


def verify_evidence(evidence: FreshEvidence) -> Verification:
    """Verify the run of an evidence, which has what was computed afterwards; see `verify`."""
    began, run = time.perf_counter(), evidence.run
    records = run_views.read_records(run)
    _check_weights(evidence, records)
    if any(tolerance_of(record) is OTHER_MACHINE for record in records):
        progress.log(
            "the findings were made on another processor, with other threads or other package "
            "versions: what is measured on t-SNE maps is measured on the stored ones"
        )
    _check_training(evidence)
    _check_results(evidence, tolerance_of(records[-1]))
    n_findings = _check_findings(evidence, records)
    check_written(run)
    n_claims = sum(len(finding.claims) for finding in report_files.claimed_findings(run))
    return Verification(n_findings, n_claims, time.perf_counter() - began)


def tolerance_of(record: ExplainRecord) -> Tolerance:
    """How far findings may differ, depending on whether this machine has made them."""
    return SAME_MACHINE if record.machine == run_views.machine() else OTHER_MACHINE


def _check_weights(evidence: FreshEvidence, records: Sequence[ExplainRecord]) -> None:
    for record in records:
        if record.weights != evidence.model.digest:
            _fail(
                evidence.run,
                "run.json",
                Difference("the checkpoint's digest", record.weights, evidence.model.digest),
                _explain_hint(evidence.run),
            )


def _check_training(evidence: FreshEvidence) -> None:
    """Compare what run.json states about data, network and training."""
    run, splits = evidence.run, evidence.data.splits
    computed: dict[str, Any] = {
        "data": {part: len(getattr(splits, part)) for part in ("train", "valid", "test")}
        | {"class_names": list(splits.class_names)},
        "parameters": sum(p.numel() for p in evidence.model.network.parameters()),
        "epochs_done": len(evidence.log.metrics["epoch"]),
        "best": {"epoch": evidence.log.best_epoch, "value": _best_value(evidence)},
    }
    for keys, value in _leaves(computed):
        stored: Any = run.info
        for key in keys:
            stored = stored.get(key) if isinstance(stored, dict) else None
        if stored is not None:
            compare(
                run,
                "run.json",
                (stored, value),
                ".".join(keys),
                SAME_MACHINE,
                f"restore it, or train again: {run.info.get('command')}",
            )
    _check_calibration(evidence)
    progress.log("data and training: run.json, metrics.csv and the checkpoint agree")


def _check_calibration(evidence: FreshEvidence) -> None:
    """Compare the temperature of a classifier with the one that its validation split gives."""
    run, model = evidence.run, evidence.model
    if model.calibration.n:
        fitted = temperature.calibrate(
            model.task, model.network, model.config, model.signature, evidence.data.valid
        )
        pair = dataclasses.asdict(model.calibration), dataclasses.asdict(fitted)
        hint = f"restore it, or train again: {run.info.get('command')}"
        compare(run, "run.json", pair, "calibration", VALIDATION, hint)


def _leaves(
    values: dict[str, Any], parents: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*parents, key))
        else:
            yield (*parents, key), value


def _best_value(evidence: FreshEvidence) -> float | None:
    """The validation metric in the best checkpoint, after comparing the log with it.

    The metric is computed again as well.
    """
    run, monitor = evidence.run, evidence.log.monitor.name
    best = evidence.model.best_value
    column = metrics_log.column("valid", monitor)
    logged = float(evidence.log.metrics[column][evidence.log.best_epoch - 1])
    hint = "restore the file, or train again"
    if best is not None:
        compare(run, "metrics.csv", (logged, best), monitor, SAME_MACHINE, hint)
    if evidence.model.config.processes == 1:  # several processes draw other random numbers than one
        compare(
            run, "metrics.csv", (logged, _validate(evidence)[monitor]), monitor, VALIDATION, hint
        )
    return best


def _validate(evidence: FreshEvidence) -> dict[str, float]:
    """The metrics of the best weights on the validation split, in the batches of training."""
    from lightning_fabric import Fabric

    model, config, task = evidence.model, evidence.model.config, evidence.task
    tensors = task.tensors(evidence.data.valid, config, model.signature)
    size = max(config.batch_size, loop.VALID_BATCH_SIZE)
    batches = Batches(tensors, size, None)
    return loop.evaluate(Fabric(accelerator="cpu", devices=1), task, config, model.network, batches)


def _check_results(evidence: FreshEvidence, tolerance: Tolerance) -> None:
    run = evidence.run
    stored = run.info.get("results", {}).get("test")
    if not stored:
        return
    computed = json.loads(json.dumps(evidence.results))  # with JSON's types, as in run.json
    pair = _with_claims(stored), _with_claims(computed)
    compare(
        run,
        "run.json",
        pair,
        "results",
        tolerance,
        f"measure again with: glassnet evaluate {run.path}",
    )
    progress.log(f"results: {len(computed['claims'])} claims agree")


def _with_claims(results: dict[str, Any]) -> dict[str, Any]:
    """The results with `Claim` objects, which come first."""
    claims = findings.claims_file.from_json(results.get("claims", ()))
    return {"claims": claims} | {k: v for k, v in results.items() if k != "claims"}


def _check_findings(evidence: FreshEvidence, records: Sequence[ExplainRecord]) -> int:
    """Compute the findings of every `explain` call again; returns how many were compared."""
    run, stored = evidence.run, findings.load_all(evidence.run.findings)
    compared: set[str] = set()
    hint = _explain_hint(run)
    for record in records:
        evidence.restore(record, stored)
        for computed in _computed(evidence, record, stored, compared):
            name = computed.name
            if name not in stored:
                _fail(run, name, Difference("the finding", "missing", "there"), hint)
            if stored[name].options_id == record.id:
                compared.add(name)
                compare(run, name, (stored[name], computed), "", tolerance_of(record), hint)
                progress.log(f"{name}: {len(getattr(computed, 'claims', ()))} claims agree")
    for name in sorted(stored.keys() - compared):
        _fail(run, name, Difference("the finding", "there", "by no options in run.json"), hint)
    return len(compared)


def _computed(
    evidence: FreshEvidence,
    record: ExplainRecord,
    stored: Mapping[str, Record],
    compared: set[str],
) -> Iterator[Record]:
    """The findings of one call, computed again.

    Those on another data set that is not there any more are logged and count as compared.
    """
    if not record.other_data:
        yield from run_views.run_views(evidence, record.options, record.id, record.views)
        return
    try:
        other = elsewhere.load(evidence.run, record.other_data)
    except GlassnetError as error:
        progress.log(f"what was measured on {record.other_data} is not verified: {error.message}")
        compared |= {name for name, each in stored.items() if each.options_id == record.id}
        return
    run, tested = evidence.run, elsewhere.test(evidence, other, record)
    tested_on = run.info.get("other_data", {})
    if other.fingerprint not in tested_on:
        known = next((each["fingerprint"] for each in tested_on.values()), "missing")
        difference = Difference("the fingerprint of its data", known[:12], other.fingerprint[:12])
        _fail(run, record.other_data, difference, f"measure again with: {record.command}")
    pair = tested_on[other.fingerprint], json.loads(json.dumps(tested.results))
    pair = _with_claims(pair[0]), _with_claims(pair[1])
    hint = f"measure again with: {record.command}"
    compare(run, "run.json", pair, "other_data", tolerance_of(record), hint)
    yield from tested.findings


def check_written(run: Run | Group) -> None:
    """Compare claims.json and report.html with what the findings give."""
    _check_claims_file(run)
    _check_report(run)


def _check_claims_file(run: Run | Group) -> None:
    if run.claims.exists():
        compare_file(
            run,
            "claims.json",
            findings.claims_file.text(report_files.claimed_findings(run)),
            f"write it again: glassnet explain {run.path}",
        )


def _check_report(run: Run | Group) -> None:
    if not run.report.exists():
        return
    page = run.report.read_text(encoding="utf-8", errors="replace")
    if page.count('<article class="chapter"') > 1:
        progress.log("report.html is about several runs: it is not compared")
        return
    compare_file(
        run,
        "report.html",
        report.render([report_files.run_view(run)]),
        f"write it again: glassnet report {run.path}",
    )


def compare_file(run: Run | Group, name: str, computed: str, hint: str) -> None:
    """Compare a text file of the run with the text that it should contain."""
    try:
        stored = (run.path / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"cannot be read ({error})", hint, run.path / name) from None
    if stored == computed:
        return
    pairs = enumerate(zip(stored, computed, strict=False))
    place = next((i for i, (a, b) in pairs if a != b), min(len(stored), len(computed)))
    excerpt = slice(max(0, place - 30), place + 30)
    line = f"line {computed.count(chr(10), 0, place) + 1}"
    _fail(run, name, Difference(line, repr(stored[excerpt]), repr(computed[excerpt])), hint)


def compare(
    run: Run | Group,
    finding: str,
    pair: tuple[Any, Any],
    field: str,
    tolerance: Tolerance,
    hint: str,
) -> None:
    """Refuse the first difference between a stored and a computed value."""
    for difference in differences(*pair, field, tolerance):
        _fail(run, finding, difference, hint)


def _explain_hint(run: Run) -> str:
    return f"make the findings again with: glassnet explain {run.path}"


def _fail(run: Run | Group, finding: str, difference: Difference, hint: str) -> NoReturn:
    raise VerificationError(
        f"{run.name}, {finding}: {difference.field} is {difference.stored}, computed again "
        f"{difference.computed}",
        hint,
        {"run": run.name, "finding": finding} | dataclasses.asdict(difference),
    )
