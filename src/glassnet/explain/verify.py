"""Verifying: every number that is said of a run, computed again from its data and weights."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from lightning_fabric import Fabric

from glassnet import findings, progress, report
from glassnet.contract import EvaluateOptions
from glassnet.data.batches import Batches
from glassnet.errors import RunError, VerificationError
from glassnet.explain import report_files, run_views
from glassnet.explain.evidence import RunEvidence
from glassnet.explain.run_views import ExplainRecord
from glassnet.findings.compare import Difference, Tolerance, differences
from glassnet.runs import checkpoint
from glassnet.runs.folder import Run, find
from glassnet.training import loop

HERE = Tolerance(numbers=1e-5, arrays=1e-4)
"""On the machine that made the findings: texts must be equal; the last bits of a sum may not be,
as they depend on the order in which threads add."""

ELSEWHERE = Tolerance(numbers=5e-2, arrays=5e-2, alike=False)
"""On another one: t-SNE blows the last bits up, so that its maps differ, and with them what is
counted on them. A number then has to lie in the 95 % interval that it is given here, or within 5 %;
coordinates of maps are not compared."""

VALIDATED = Tolerance(numbers=1e-3, arrays=1e-3)
"""For what training measured, which may have been on a graphics card."""


@dataclass(frozen=True)
class Agreement:
    """What `verify` gives where all agrees: numbers of findings and records, and its seconds."""

    findings: int
    records: int
    seconds: float


class Anew(RunEvidence):
    """A run's evidence without anything that was kept: all is made from the data and weights."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self._made: dict[str, dict[str, np.ndarray]] = {}

    def cached(self, name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """`make()`, once."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def restore_options(self, asked: ExplainRecord) -> None:
        """Stand where `explain` stood then, with the judge that it had."""
        self.command = asked.command
        vars(self).pop("reference_classifier", None)
        if asked.reference_classifier:
            self.set_reference_classifier(find(asked.reference_classifier, self.run.path.parent))
        elif asked.reference_classifier is not None:
            vars(self)["reference_classifier"] = None  # none then, whatever lies beside the run now

    @cached_property
    def results(self) -> dict[str, Any]:
        """The test numbers, with the effort that run.json names."""
        return self.task.results(self, EvaluateOptions(**self.run.info.get("evaluated", {})))


def verify(run: Run) -> Agreement:
    """Compute everything that is said of a run again, and compare it with what is stored.

    In turn: what run.json says of data, training and weights; the results on the test set; every
    finding, its texts and records exactly, its other numbers and arrays within `HERE` (on another
    machine, `ELSEWHERE`); claims.json; and the report, which must be what findings and run.json
    give. Networks that were kept in the run, as twins, are read, not trained again. Figures (PNG,
    SVG) are not compared.

    Raises:
        VerificationError: the first thing that differs.
        RunError: there are no findings, the data have changed, or a file is damaged.
    """
    began = time.perf_counter()
    asked = run_views.asked(run)
    evidence = Anew(run)
    _check_weights(evidence, asked)
    if any(_tolerance(each) is ELSEWHERE for each in asked):
        progress.log(
            "findings were made on other processors or with other versions: numbers are held to "
            "their 95 % intervals, or to 5 %, and maps are not compared"
        )
    _check_facts(evidence)
    _check_results(evidence, _tolerance(asked[-1]))
    known = _check_findings(evidence, asked)
    _check_claims(run)
    _check_page(run)
    records = sum(len(said.claims) for said in report_files.said(run))
    return Agreement(known, records, time.perf_counter() - began)


def _tolerance(asked: ExplainRecord) -> Tolerance:
    return HERE if asked.machine == run_views.machine() else ELSEWHERE


def _check_weights(evidence: Anew, asked: Sequence[ExplainRecord]) -> None:
    for each in asked:
        if each.weights not in (None, evidence.digest):
            what, stored = "the checkpoint's digest", each.weights
            _differs(evidence.run, "run.json", what, stored, evidence.digest)


def _check_facts(evidence: Anew) -> None:
    """What run.json says of data, network and training."""
    run, info, splits = evidence.run, evidence.run.info, evidence.splits
    again: dict[str, Any] = {
        "data": {part: len(getattr(splits, part)) for part in ("train", "valid", "test")}
        | {"class_names": list(splits.class_names)},
        "parameters": sum(p.numel() for p in evidence.network.parameters()),
        "epochs_done": len(evidence.log["epoch"]),
        "best": {"epoch": evidence.best_epoch, "value": _chosen_value(evidence)},
    }
    for where, value in _leaves(again):
        stored: Any = info
        for key in where:
            stored = stored.get(key) if isinstance(stored, dict) else None
        if stored is not None:
            name = ".".join(where)
            for found in differences(stored, value, name, HERE):
                _fail(run, "run.json", found, f"restore it, or train again: {info.get('command')}")
    progress.log("data and training: run.json, metrics.csv and the checkpoint agree")


def _leaves(values: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[Any, Any]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value


def _chosen_value(evidence: Anew) -> float | None:
    """The validation value that chose the weights, as they carry it; measured again beside it."""
    run, monitor = evidence.run, evidence.monitor
    carried = checkpoint.header(run.best)["value"]
    logged = float(evidence.log[f"valid_{monitor}"][evidence.best_epoch - 1])
    hint = "restore the file, or train again"
    if carried is not None:
        for found in differences(logged, carried, monitor, HERE):
            _fail(run, "metrics.csv", found, hint)
    if evidence.config.processes == 1:  # several draw at random otherwise than one does
        for found in differences(logged, _validated(evidence)[monitor], monitor, VALIDATED):
            _fail(run, "metrics.csv", found, hint)
    return carried


def _validated(evidence: Anew) -> dict[str, float]:
    """The metrics of the chosen weights on the validation split, in the batches of training."""
    config, task = evidence.config, evidence.task
    tensors = task.tensors(evidence.valid, config, evidence.signature)
    batches = Batches(tensors, max(config.batch_size, 500), None, padding=task.padding)
    fabric = Fabric(accelerator="cpu", devices=1)
    return loop.evaluate(fabric, task, config, evidence.network, batches)


def _check_results(evidence: Anew, tolerance: Tolerance) -> None:
    run = evidence.run
    stored = run.info.get("results", {}).get("test")
    if not stored:
        return
    again = json.loads(json.dumps(evidence.results))  # as run.json would have them
    for found in differences(_claimed(stored), _claimed(again), "results", tolerance):
        _fail(run, "run.json", found, f"measure again with: glassnet evaluate {run.path}")
    progress.log(f"results: {len(again['claims'])} records agree")


def _claimed(results: dict[str, Any]) -> dict[str, Any]:
    """The records first, and as such."""
    claims = findings.claims_file.from_json(results.get("claims", ()))
    return {"claims": claims} | {k: v for k, v in results.items() if k != "claims"}


def _check_findings(evidence: Anew, asked: Sequence[ExplainRecord]) -> int:
    """Every finding as it comes, by the command that made it; gives their number."""
    run, stored = evidence.run, findings.load_all(evidence.run.findings)
    seen: set[str] = set()
    for each in asked:
        evidence.restore_options(each)
        newest, within = each is asked[-1], _tolerance(each)
        for again in run_views.found(evidence, each.options):
            if again.name not in stored:
                _differs(run, again.name, "the finding", "missing", "there")
            if _made_by(stored[again.name], each.command, newest):
                seen.add(again.name)
                _check_finding(run, stored[again.name], again, within)
    for name in sorted(stored.keys() - seen):
        _differs(run, name, "the finding", "there", "by no command that run.json names")
    return len(seen)


def _made_by(record: findings.Record, command: str, newest: bool) -> bool:
    return record.provenance.command == command if isinstance(record, findings.Finding) else newest


def _check_finding(
    run: Run, stored: findings.Record, again: findings.Record, within: Tolerance
) -> None:
    for found in differences(stored, again, "", within):
        _fail(run, again.name, found, _explain(run))
    claims = again.claims if isinstance(again, findings.Finding) else ()
    progress.log(f"{again.name}: {len(claims)} records agree")


def _check_claims(run: Run) -> None:
    if run.claims.exists():
        again = findings.claims_file.text(report_files.said(run))
        _check_text(run, "claims.json", again, f"write it again: glassnet explain {run.path}")


def _check_page(run: Run) -> None:
    if not run.report.exists():
        return
    if (
        run.report.read_text(encoding="utf-8", errors="replace").count('<article class="chapter"')
        > 1
    ):
        progress.log("report.html is about several runs: it is left out")
        return
    again = report.render([report_files.view(run)])
    _check_text(run, "report.html", again, f"write it again: glassnet report {run.path}")


def _check_text(run: Run, name: str, again: str, hint: str) -> None:
    """Hold a file against the text that it should have."""
    try:
        stored = (run.path / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{run.path / name}: cannot be read ({error})", hint) from None
    if stored == again:
        return
    place = next(
        (i for i, (a, b) in enumerate(zip(stored, again, strict=False)) if a != b),
        min(len(stored), len(again)),
    )
    around = slice(max(0, place - 30), place + 30)
    line = again.count("\n", 0, place) + 1
    found = Difference(f"line {line}", repr(stored[around]), repr(again[around]))
    _fail(run, name, found, hint)


def _differs(run: Run, finding: str, what: str, stored: str | None, again: str) -> None:
    _fail(run, finding, Difference(what, str(stored), again), _explain(run))


def _explain(run: Run) -> str:
    return f"make them again with: glassnet explain {run.path}"


def _fail(run: Run, finding: str, found: Difference, hint: str) -> None:
    raise VerificationError(
        f"{run.name}, {finding}: {found.what} is {found.stored}, computed again {found.again}",
        hint,
        {
            "run": run.name,
            "finding": finding,
            "what": found.what,
            "stored": found.stored,
            "again": found.again,
        },
    )
