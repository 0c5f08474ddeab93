"""How often verification fails on untouched runs, and how often it misses altered ones.

    python benchmarks/verification.py --out benchmarks/results/verification.csv

Ten small runs (image classifiers and generators on scikit-learn's digits, text classifiers on movie
snippets) are trained, explained and reported, and then verified as on five other machines: with
other numbers of threads, instructions of oneDNN, torch and MKL, and kernels of OpenBLAS. On one
of these machines, each run is also altered in five ways, consistently (finding, results,
claims.json, manifest and report agree with each other), and verified. What the altered ones are
compared with is computed once for each run, unless a t-SNE map was altered.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import glassnet as gn
from glassnet import findings
from glassnet.contract import ExplainOptions
from glassnet.errors import GlassnetError
from glassnet.explain import run_views, verify
from glassnet.explain.evidence import RunEvidence
from glassnet.findings import Claim, Finding, Record, Table
from glassnet.runs.folder import Run

HOME = {"GLASSNET_THREADS": "2"}
"""Where the runs are made."""

ANOTHER = {
    "GLASSNET_THREADS": "1",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "ATEN_CPU_CAPABILITY": "default",
    "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
    "OPENBLAS_CORETYPE": "Nehalem",
}
MACHINES: dict[str, dict[str, str]] = {
    "one thread": {"GLASSNET_THREADS": "1"},
    "three threads, oneDNN up to AVX": {"GLASSNET_THREADS": "3", "ONEDNN_MAX_CPU_ISA": "AVX"},
    "no vector instructions beyond SSE": ANOTHER,
    "MKL's compatible mode": {"GLASSNET_THREADS": "2", "MKL_CBWR": "COMPATIBLE"},
    "other kernels of OpenBLAS": {"GLASSNET_THREADS": "2", "OPENBLAS_CORETYPE": "Sandybridge"},
}

RUNS: tuple[tuple[str, dict[str, Any]], ...] = (
    *(
        ("cnn", {"data": "digits.npz", "channels": (8, 16, 16), "epochs": 2, "seed": seed})
        for seed in range(4)
    ),
    *(
        ("vae", {"data": "digits.npz", "network": "perceptron", "epochs": 2, "seed": seed})
        for seed in range(3)
    ),
    *(
        ("lstm", {"data": "movie-snippets", "preset": "quick", "epochs": 1, "seed": seed})
        for seed in range(3)
    ),
)
POINTS = 100
ALTERATIONS = 5

COLUMNS = ("run", "seed", "machine", "altered", "outcome", "expected")


def main() -> None:
    """Run all verifications, or one of them in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--make", type=int)
    parser.add_argument("--alter", type=Path)
    arguments = parser.parse_args()
    if arguments.make is not None:
        make(*RUNS[arguments.make])
    elif arguments.alter:
        for altered, outcome in verify_altered(Run.open(arguments.alter)):
            print(json.dumps([altered, outcome]), flush=True)
    else:
        measure(arguments.out)


def measure(out: Path) -> None:
    """Write a row for each verification as it ends; runs whose rows are all there are left out."""
    rows = list(csv.reader(out.read_text().splitlines()))[1:] if out.exists() else []
    counts = Counter((row[0], row[1]) for row in rows)
    complete = {run for run, n in counts.items() if n == len(MACHINES) + ALTERATIONS}
    with out.open("w", newline="") as stream, tempfile.TemporaryDirectory() as folder:
        write_digits(Path(folder) / "digits.npz")
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([COLUMNS, *(row for row in rows if (row[0], row[1]) in complete)])
        for k, (task, settings) in enumerate(RUNS):
            if (task, str(settings["seed"])) in complete:
                continue
            path = in_process(["--make", str(k)], HOME, folder).strip().splitlines()[-1]
            where = (task, settings["seed"])
            for name, machine in MACHINES.items():
                outcome = verified_in_process(path, machine, folder)
                writer.writerow([*where, name, "", outcome, "agrees"])
                stream.flush()
            for line in in_process(["--alter", path], ANOTHER, folder).strip().splitlines():
                altered, outcome = json.loads(line)
                another = "no vector instructions beyond SSE"
                writer.writerow([*where, another, altered, outcome, "differs"])
                stream.flush()


def write_digits(path: Path) -> None:
    """The 1,797 digits of scikit-learn, 8 x 8 pixels."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    pixels = (digits.images * 255 / 16).round().astype(np.uint8)
    np.savez(path, images=pixels, labels=digits.target)


def in_process(words: list[str], machine: dict[str, str], folder: str) -> str:
    """What this script prints with these words, on this machine."""
    command = [sys.executable, str(Path(__file__).resolve()), *words]
    environment = os.environ | machine
    return subprocess.run(
        command, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def verified_in_process(path: str, machine: dict[str, str], folder: str) -> str:
    """Verify a run with the command: `agrees`, or what differs."""
    command = [sys.executable, "-m", "glassnet", "report", path, "--verify"]
    done = subprocess.run(
        command, env=os.environ | machine, cwd=folder, capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if line.startswith("glassnet: ")]
    return "agrees" if done.returncode == 0 else said[-1].removeprefix("glassnet: ")


def make(task: str, settings: dict[str, Any]) -> None:
    """Train, explain and report a run; prints its path."""
    run = gn.train(task, **settings)
    run.explain(points=POINTS, draw=False)
    run.report()
    print(run.path.absolute())


def verify_altered(run: Run) -> Iterator[tuple[str, str]]:
    """Alter copies of a run, and verify them: what was altered, and what verification says."""
    computed = remember_what_is_computed(run)
    for number in range(ALTERATIONS):
        chance = random.Random(f"{run.info['task']} {run.info['config']['seed']} {number}")
        with tempfile.TemporaryDirectory() as folder:
            copy = Run.open(copied_beside_the_others(run, Path(folder)))
            altered = KINDS[number % len(KINDS)](copy, chance)
            rewrite_report(copy)
            on_map = "points[" in altered and ("tsne" in altered or "animation" in altered)
            try:
                if on_map:
                    verify.verify(copy)
                else:
                    with_memory(copy, computed)
                outcome = "agrees"
            except GlassnetError as error:
                outcome = error.message
        yield altered, outcome


def copied_beside_the_others(run: Run, folder: Path) -> Path:
    """A copy of a run, with links to those beside it, one of which may be its classifier."""
    for other in run.path.parent.iterdir():
        if other.name != run.name:
            (folder / other.name).symlink_to(other)
    return Path(shutil.copytree(run.path, folder / run.name))


def remember_what_is_computed(run: Run) -> dict[str, list[Record]]:
    """Compute all findings of the untouched run here, with its stored maps, by options."""
    stored, evidence = findings.load_all(run.findings), verify.FreshEvidence(run)
    computed = {}
    for record in run_views.read_records(run):
        evidence.restore(record, stored)
        made = run_views.run_views(evidence, record.options, record.id, record.views)
        computed[record.id] = list(made)
    return computed


def with_memory(run: Run, computed: dict[str, list[Record]]) -> None:
    """Verify a run with findings that were computed before."""
    original = run_views.run_views

    def stored(
        evidence: RunEvidence, options: ExplainOptions, options_id: str, names: tuple[str, ...] = ()
    ) -> Iterator[Record]:
        return iter(computed[options_id])

    run_views.run_views = stored
    try:
        verify.verify(run)
    finally:
        run_views.run_views = original


def rewrite_report(run: Run) -> None:
    """Write claims.json and the report from the altered findings."""
    gn.load(run.path).report()


# Alterations: each changes one number, or the words, wherever the run states them.


def alter_result(run: Run, chance: random.Random) -> str:
    """A number of the test results, with its claim, by a quarter of its interval or a hundredth."""
    with run.editing() as info:
        results = info["results"]["test"]
        claim = chance.choice(results["claims"])
        before = claim["value"]
        claim |= shifted(Claim(**{k: v for k, v in claim.items() if k in CLAIM_FIELDS}), chance)
        for name, value in results.items():
            if isinstance(value, float) and value == before:
                results[name] = claim["value"]
        return f"results: {claim['name']} from {before:.6g} to {claim['value']:.6g}"


CLAIM_FIELDS = {field.name for field in dataclasses.fields(Claim)}


def alter_claim(run: Run, chance: random.Random) -> str:
    """A claim of a finding, wherever the finding states it."""
    finding = chance.choice([each for each in all_findings(run) if each.claims])
    claim = chance.choice(finding.claims)
    changed = dataclasses.replace(claim, **shifted(claim, chance))
    claims = tuple(changed if each == claim else each for each in finding.claims)
    title, summary = (
        text.replace(claim.formatted, changed.formatted)
        for text in (finding.title, finding.summary)
    )
    altered = dataclasses.replace(finding, claims=claims, title=title, summary=summary)
    findings.save(altered, run.findings)
    return f"{finding.name}: {findings.label(claim)} from {claim.formatted} to {changed.formatted}"


def alter_table(run: Run, chance: random.Random) -> str:
    """A number of a table, by a twentieth, or by one."""
    tables = [each for each in all_findings(run) if isinstance(each, Table) and numbers_of(each)]
    table = chance.choice(tables)
    r, c = chance.choice(numbers_of(table))
    before: Any = table.rows[r][c]
    after = before + 1 if isinstance(before, int) else before * 1.05
    rows = [list(row) for row in table.rows]
    rows[r][c] = after
    findings.save(dataclasses.replace(table, rows=tuple(map(tuple, rows))), run.findings)
    return f"{table.name}: row {r}, {table.columns[c]} from {before} to {after}"


def numbers_of(table: Table) -> list[tuple[int, int]]:
    """The row and column of each number other than 0."""
    return [
        (r, c)
        for r, row in enumerate(table.rows)
        for c, cell in enumerate(row)
        if isinstance(cell, int | float) and cell
    ]


def alter_array(run: Run, chance: random.Random) -> str:
    """One value of an array, by a twentieth of the array's range, or by one."""
    paths = sorted(run.findings.glob("*.npz"))
    path = chance.choice(paths)
    record = findings.load(path.with_suffix(".json"))
    places = list(arrays_of(record))
    name, array = chance.choice([(n, a) for n, a in places if a.size and a.dtype.kind in "fiu"])
    index = np.unravel_index(chance.randrange(array.size), array.shape)
    before = array[index]
    if array.dtype.kind == "f":
        array[index] += (np.nanmax(array) - np.nanmin(array) or 1) / 20
    elif array.dtype == np.uint8:
        array[index] ^= 32
    else:
        array[index] += 1
    findings.save(record, run.findings)
    return f"{record.name}: {name}{[int(i) for i in index]} from {before:.6g} to {array[index]:.6g}"


def alter_words(run: Run, chance: random.Random) -> str:
    """A layer, a class or an epoch in a title or a summary, for another one."""
    names = [
        *gn.load(run.path).model.task.layers,
        *run.info["data"]["class_names"],
    ]
    candidates = []
    for finding in all_findings(run):
        for part in ("title", "summary"):
            text = getattr(finding, part)
            for name in names:
                if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text):
                    candidates.append((finding, part, name))
    finding, part, name = chance.choice(candidates)
    other = chance.choice([each for each in names if each != name])
    text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", other, getattr(finding, part), count=1)
    changed: dict[str, Any] = {part: text}
    findings.save(dataclasses.replace(finding, **changed), run.findings)
    return f"{finding.name}: {name} for {other} in its {part}"


KINDS: tuple[Callable[[Run, random.Random], str], ...] = (
    alter_result,
    alter_claim,
    alter_table,
    alter_array,
    alter_words,
)


def shifted(claim: Claim, chance: random.Random) -> dict[str, Any]:
    """A claim's value, interval and formatted value, moved together."""
    sign = chance.choice([-1, 1])
    if claim.low is not None and claim.high is not None and claim.high > claim.low:
        shift = sign * (claim.high - claim.low) / 4
    elif float(claim.value).is_integer():
        shift = 1.0
    else:
        shift = sign * abs(claim.value) / 100
    numeral = re.search(r"[-+−]?\d[\d,]*\.?\d*", claim.formatted)
    formatted = claim.formatted
    if numeral:
        digits = len(numeral.group().partition(".")[2])
        scale = 100 if "%" in formatted or ("point" in formatted and abs(claim.value) <= 1) else 1
        number = f"{scale * (claim.value + shift):,.{digits}f}"
        formatted = formatted.replace(numeral.group(), number, 1)
    return {
        "value": claim.value + shift,
        "low": None if claim.low is None else claim.low + shift,
        "high": None if claim.high is None else claim.high + shift,
        "formatted": formatted,
    }


def all_findings(run: Run) -> list[Finding]:
    """The run's findings, without the records of examples."""
    stored = sorted(findings.load_all(run.findings).items())
    return [record for _, record in stored if isinstance(record, Finding)]


def arrays_of(value: Any, place: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """All arrays of a finding, with their places."""
    if isinstance(value, np.ndarray):
        yield place, value
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from arrays_of(getattr(value, field.name), f"{place}.{field.name}".lstrip("."))
    elif isinstance(value, list | tuple):
        for k, part in enumerate(value):
            yield from arrays_of(part, f"{place}.{k}")


if __name__ == "__main__":
    main()
