"""The types of run.json's keys: whatever reads them may rely on these."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypedDict

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]
Side = Annotated[int, msgspec.Meta(ge=1, lt=1 << 24)]
Digest = Annotated[str, msgspec.Meta(max_length=64)]


class Data(TypedDict, total=False):
    """`data`: what the run was trained on, and the network's signature."""

    name: str
    fingerprint: str
    train: Count
    valid: Count
    test: Count
    input_shape: list[Side]
    class_names: list[str]
    n_ngrams: Count
    tokens: Literal["words", "characters"]
    value_ranges: dict[str, tuple[float, float]]


class Best(TypedDict, total=False):
    """`best`: the epoch that validation selected, 0 while there is none."""

    epoch: Count
    value: float | None


class Calibration(TypedDict):
    """`calibration`: the fields of `contract.Calibration`."""

    temperature: Annotated[float, msgspec.Meta(gt=0)]
    n: Count


class Test(TypedDict, total=False):
    """`results.test`: numbers are (label, value, note)."""

    headline: str
    sentence: str
    numbers: list[tuple[str, str, str]]
    claims: list[dict[str, Any]]
    n: Count


class Results(TypedDict, total=False):
    """`results` by split."""

    test: Test


class Evaluated(TypedDict, total=False):
    """`evaluated_checkpoint`: the checkpoint that the results are of."""

    epoch: Count
    digest: str


class OtherData(TypedDict, total=False):
    """An item of `other_data`, by the fingerprint of a data set that the network was tested on."""

    name: str
    fingerprint: Digest
    part: str
    unknown: dict[str, Count]
    missing: list[str]
    scores: dict[str, Any]
    numbers: list[tuple[str, str, str]]
    claims: list[dict[str, Any]]


class Hardware(TypedDict, total=False):
    """`hardware`, as `environment.hardware` has it."""

    processor: str
    cores: Count
    threads: Count
    memory_gib: float | None
    system: str


class Info(TypedDict, total=False):
    """run.json."""

    format: int
    name: str
    task: str
    preset: str
    status: str
    seed: Count
    config: dict[str, Any]
    command: str
    data: Data
    parameters: Count
    precision: str
    versions: dict[str, str]
    hardware: Hardware
    git: str | None
    started: str
    ended: str
    seconds: dict[str, float]
    epochs_done: Count
    best: Best
    calibration: Calibration
    results: Results
    evaluated: dict[str, Count]
    other_data: dict[str, OtherData]
    evaluated_checkpoint: Evaluated
    explain_records: list[dict[str, Any]]
    sha256: dict[str, Digest]


def check(info: dict[str, Any]) -> None:
    """Check the types of the keys that there are; others may be anything.

    Raises:
        ValueError: with the place of the first wrong one.

    Example:
        >>> check({"task": "cnn", "results": None})
        Traceback (most recent call last):
        ...
        ValueError: results: Expected `object`, got `null`
    """
    try:
        msgspec.convert(info, Info)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$.")
        raise ValueError(f"{place.rstrip('`')}: {reason}" if place else reason) from None
