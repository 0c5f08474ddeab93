"""Three short runs, one per network, as digests: what a redesign must leave bit-equal.

    python benchmarks/baseline.py record benchmarks/results/baseline.json
    python benchmarks/baseline.py compare benchmarks/results/baseline.json

`record` trains on one thread, explains and exports with the glassnet that stands beside this
script (`--source DIR` takes another checkout) and writes the results: weights, metrics, test
results, every array and number of every finding, and the exported file's outputs. `compare` does
the same and lists what differs from a record. Names in the record change by
`benchmarks/renames.csv`; claims are compared as a set, since their order follows the sentences;
values whose last digits a library changed are listed with their tolerance
in `benchmarks/last_digits.csv` and counted apart.

Bits depend on the processor. On another kind of machine, record anew first, with a checkout of the
commit that added the record as `--source`:

    git log --diff-filter=A --format=%h -- benchmarks/results/baseline.json

Data: Fashion-MNIST (a part of it) from `GLASSNET_MIRROR`, movie snippets from the catalogue.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from safetensors.numpy import load_file

HERE = Path(__file__).resolve().parent
RENAMES = HERE / "renames.csv"
LAST_DIGITS = HERE / "last_digits.csv"
TRAIN, TEST = 3000, 800
"""Images of Fashion-MNIST, the first ones of its two parts."""

RUNS = {
    "cnn": ["--data", "images.npz", "--epochs", "3"],
    "vae": ["--data", "images.npz", "--preset", "quick", "--epochs", "3"],
    "lstm": ["--preset", "quick"],
}

CLAIM_NUMBERS = ("value", "n", "low", "high")
"""The numbers of a claim that are compared."""

Record = dict[str, Any]
"""Name, with slashes between its parts -> number or digest."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=("record", "compare"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--source", type=Path, default=HERE.parent, help="a checkout of glassnet")
    parser.add_argument("--against", type=Path, help="compare with this record, and run nothing")
    parser.add_argument("--networks", nargs="+", default=list(RUNS), choices=list(RUNS))
    given = parser.parse_args()
    if "GLASSNET_MIRROR" not in os.environ:
        parser.error("set GLASSNET_MIRROR to a folder with fashion-mnist/*.gz")
    made = (
        json.loads(given.against.read_text())
        if given.against
        else measured(given.source.resolve(), given.networks)
    )
    if given.verb == "record":
        given.file.write_text(json.dumps(made, indent=0) + "\n")
        return
    stored = json.loads(given.file.read_text())
    failed = False
    for network in given.networks:
        differing, close = differences(
            claims_ranked(renamed(stored[network])), claims_ranked(made[network])
        )
        print(f"{network}: {len(made[network])} values, {len(differing)} differ")
        for reason, count in sorted(close.items()):
            print(f"  {count} in the last digits: {reason}")
        print("".join(f"  {line}\n" for line in differing), end="")
        failed |= bool(differing)
    sys.exit(failed)


def measured(source: Path, networks: list[str]) -> dict[str, Record]:
    """Network -> what its short run came to."""
    with tempfile.TemporaryDirectory() as folder:
        write_images(Path(folder) / "images.npz")
        return {network: one_run(source, Path(folder), network) for network in networks}


def one_run(source: Path, folder: Path, network: str) -> Record:
    call(source, folder, "train", network, *RUNS[network], "--threads", "1", "--precision", "32")
    (run,) = (folder / "runs").glob(f"{network}-*")
    call(source, folder, "explain", run.name)
    call(source, folder, "export", run.name)
    return dict(sorted(values_of(run)))


def call(source: Path, folder: Path, *words: str) -> None:
    environment = os.environ | {
        "PYTHONPATH": str(source / "src"),
        "GLASSNET_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    print(f"glassnet {' '.join(words)}", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "glassnet", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"glassnet {' '.join(words)}\n{done.stderr}")


def write_images(path: Path) -> None:
    """A part of Fashion-MNIST as `.npz`; its IDX files have headers of 16 and 8 bytes."""
    mirror = Path(os.environ["GLASSNET_MIRROR"]) / "fashion-mnist"
    arrays: dict[str, Any] = {}
    for part, name, count in (("train", "train", TRAIN), ("test", "t10k", TEST)):
        pixels = gzip.decompress((mirror / f"{name}-images-idx3-ubyte.gz").read_bytes())
        labels = gzip.decompress((mirror / f"{name}-labels-idx1-ubyte.gz").read_bytes())
        arrays[f"x_{part}"] = np.frombuffer(pixels, np.uint8, offset=16).reshape(-1, 28, 28)[:count]
        arrays[f"y_{part}"] = np.frombuffer(labels, np.uint8, offset=8)[:count]
    np.savez(path, **arrays)


def values_of(run: Path) -> Iterator[tuple[str, Any]]:
    for name, tensor in load_file(run / "checkpoints" / "best.safetensors").items():
        yield f"weights/{name}", digest(tensor)
    with (run / "metrics.csv").open(newline="") as stream:
        for row, values in enumerate(csv.DictReader(stream)):
            yield from ((f"metrics/{name}/{row}", value) for name, value in values.items())
    results = json.loads((run / "run.json").read_text())["results"]["test"]
    yield from numbers_of(results, "results")
    for path in sorted((run / "findings").glob("*.json")):
        yield from numbers_of(json.loads(path.read_text()), f"findings/{path.stem}")
    for path in sorted((run / "findings").glob("*.npz")):
        with np.load(path) as arrays:
            for name, array in arrays.items():
                place = name.replace(".", "/")
                yield f"arrays/{path.stem}/{place}", digest(array)
    yield from outputs_of(run)


def numbers_of(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every number in JSON, by where it stands; texts may be worded anew."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from numbers_of(below, f"{name}/{key}")
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from numbers_of(below, f"{name}/{index}")
    elif isinstance(value, int | float):
        yield name, value


def outputs_of(run: Path) -> Iterator[tuple[str, Any]]:
    """What the exported file gives for seeded inputs, 16 of them, in the order of its outputs."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(run / "model.onnx", options)
    random, feeds = np.random.default_rng(0), {}
    for requested in session.get_inputs():
        shape = [side if isinstance(side, int) else 16 for side in requested.shape]
        if requested.type == "tensor(float)":
            feeds[requested.name] = random.standard_normal(shape).astype(np.float32)
        elif requested.type == "tensor(uint8)":
            feeds[requested.name] = random.integers(0, 256, shape).astype(np.uint8)
        else:
            feeds[requested.name] = random.integers(2, 1000, shape).astype(np.int64)
    for index, output in enumerate(session.run(None, feeds)):
        yield f"onnx/{index}", digest(output)


def digest(array: np.ndarray) -> str:
    """Type, shape, mean and SHA-256 of an array: the mean says how far apart two are."""
    whole = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]
    shape = "x".join(map(str, array.shape))
    mean = f"{array.mean(dtype=np.float64):.9g}" if array.size and array.dtype.kind != "U" else "-"
    return f"{array.dtype} {shape} {mean} {whole}"


def renamed(record: Record) -> Record:
    """A record under today's names, by two kinds of row in the table; `added` is a third.

    `record` renames a part of any name; `finding` renames a finding alone, as the second part of
    `findings/NAME/...` and `arrays/NAME/...`.
    """
    tables: dict[str, dict[str, str]] = {"record": {}, "finding": {}}
    with RENAMES.open(newline="") as stream:
        for row in csv.DictReader(stream):
            tables.get(row["where"], {})[row["old"]] = row["new"]

    def one(name: str) -> str:
        top, *parts = name.split("/")
        if top in ("findings", "arrays"):
            parts[0] = tables["finding"].get(parts[0], parts[0])
        return "/".join(tables["record"].get(part, part) for part in (top, *parts))

    return {one(name): value for name, value in record.items()}


def claims_ranked(record: Record) -> Record:
    """A record with the claims of each finding as a set: named by their rank, without duplicates.

    What a claim is of (its layer, its epoch) is left out, as its words are.
    """
    ranked: Record = {}
    claims: dict[str, dict[str, Record]] = {}
    for name, value in record.items():
        if match := re.fullmatch(r"(.*/claims)/(\d+)/(\w+)", name):
            place, index, field = match.groups()
            if field in CLAIM_NUMBERS:
                claims.setdefault(place, {}).setdefault(index, {})[field] = value
        else:
            ranked[name] = value
    for place, of_finding in claims.items():
        rows = {
            tuple(claim.get(field, -math.inf) for field in CLAIM_NUMBERS): claim
            for claim in of_finding.values()
        }
        for rank, row in enumerate(sorted(rows)):
            ranked |= {f"{place}/{rank}/{field}": value for field, value in rows[row].items()}
    return ranked


def differences(stored: Record, made: Record) -> tuple[list[str], Counter[str]]:
    """Lines about what differs; and how many values differ in the last digits only, by reason."""
    with RENAMES.open(newline="") as stream:
        added = [row["new"] for row in csv.DictReader(stream) if row["where"] == "added"]
    with LAST_DIGITS.open(newline="") as stream:
        libraries = list(csv.DictReader(stream))
    differing, close = [], Counter[str]()
    for name in sorted(stored.keys() | made.keys()):
        before, now = stored.get(name, "nothing"), made.get(name, "nothing")
        if before == now:
            continue
        if name not in stored and any(re.fullmatch(pattern, name) for pattern in added):
            continue
        for row in libraries:
            if re.fullmatch(row["pattern"], name) and is_close(before, now, row["tolerance"]):
                close[row["reason"]] += 1
                break
        else:
            differing.append(f"{name}: {before} -> {now}")
    return differing, close


def is_close(before: Any, now: Any, tolerance: str) -> bool:
    """Whether two numbers, or the means in two digests of equal type and shape, are close."""
    if isinstance(before, str) and isinstance(now, str) and before.count(" ") == 3:
        kind, shape, before, _ = before.split()
        if now.split()[:2] != [kind, shape]:
            return False
        now = now.split()[2]
    try:
        return math.isclose(
            float(before), float(now), rel_tol=float(tolerance), abs_tol=float(tolerance)
        )
    except ValueError:
        return False


if __name__ == "__main__":
    main()
