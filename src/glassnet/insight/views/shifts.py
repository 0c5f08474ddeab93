"""Accuracy and calibration on altered copies of the test set, by strength."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType

import numpy as np

from glassnet import progress
from glassnet.contract import (
    CLASSES,
    Cache,
    Data,
    ExplainOptions,
    MakeProvenance,
    Modality,
    Model,
    Split,
)
from glassnet.findings import (
    Claim,
    ClaimRecorder,
    CurvePanel,
    Curves,
    Finding,
    ImageGrid,
    Series,
    Table,
    count,
    gain,
    number,
    share,
)
from glassnet.inference.classification import calibration_error
from glassnet.insight.measures import image_shifts, text_shifts
from glassnet.stats.comparisons import paired_difference, stands_out
from glassnet.stats.intervals import wilson

SECTION = "other-data"

ROLES = ("first", "second", "third", "fourth", "fifth", "sixth")
STRONGEST = 5
N_RESAMPLES = 200
"""Bootstrap samples behind the band of a calibration error."""

Outcomes = tuple[np.ndarray, np.ndarray]
"""Confidence (n,) and whether the prediction is right (n,), of one altered copy."""


def shifts(
    data: Data, model: Model, cache: Cache, provenance: MakeProvenance, options: ExplainOptions
) -> Iterator[Finding]:
    """Plot accuracy and calibration error by strength for each kind of alteration."""
    kinds = image_shifts if data.modality == Modality.IMAGES else text_shifts
    made = provenance(split="test", n=len(data.test), seed=options.seed)
    measured = _measure(data, model, cache, kinds, options.seed)
    record = ClaimRecorder()
    title, summary, clear = _sentences(record, measured)
    yield Curves(
        name="shifts",
        section=SECTION,
        title=title,
        summary=summary,
        provenance=made,
        claims=record.claims,
        stands_out=clear,
        x_label="strength of the alteration (0: none)",
        panels=(
            CurvePanel(y_label="accuracy (%)", series=tuple(_accuracies(measured)), mark=None),
            CurvePanel(
                y_label="calibration error (points)",
                series=tuple(_calibration_errors(measured, options.seed)),
                mark=None,
            ),
        ),
    )
    if data.modality == Modality.IMAGES:
        yield _images(data, options.seed, provenance)
    else:
        yield _texts(data, options.seed, provenance)


def _measure(
    data: Data, model: Model, cache: Cache, kinds: ModuleType, seed: int
) -> dict[str, list[Outcomes]]:
    """Kind -> outcomes at strengths 0 to 5."""
    names = list(kinds.SETTINGS)

    def make() -> dict[str, np.ndarray]:
        made = {}
        total = len(names) * STRONGEST * len(data.test)
        with progress.stage("altered test sets", total, "examples") as advance:
            for number_of_kind, kind in enumerate(names):
                for strength in range(1, STRONGEST + 1):
                    inputs = kinds.alter(data.test.inputs, kind, strength, seed)
                    with progress.silenced():
                        probabilities = _probabilities(data, model, inputs)
                    made[f"{number_of_kind}-{strength}"] = probabilities.astype(np.float32)
                    advance(len(data.test), note=f"{kind} {strength}")
        return made

    made = cache(f"shifts-{seed}", make)
    own = _outcomes(model.predictions[CLASSES], data.test)
    return {
        kind: [
            own,
            *(
                _outcomes(made[f"{place}-{strength}"], data.test)
                for strength in range(1, STRONGEST + 1)
            ),
        ]
        for place, kind in enumerate(names)
    }


def _probabilities(data: Data, model: Model, inputs: np.ndarray) -> np.ndarray:
    split = replace(data.test, inputs=inputs)
    return model.predict(data.inputs(split))[CLASSES]


def _outcomes(probabilities: np.ndarray, split: Split) -> Outcomes:
    right = probabilities.argmax(axis=1) == split.labels
    return probabilities.max(axis=1).astype(np.float64), right


def _accuracies(measured: dict[str, list[Outcomes]]) -> Iterator[Series]:
    for role, (kind, outcomes) in zip(ROLES, measured.items(), strict=False):
        hits = [int(right.sum()) for _, right in outcomes]
        ends = 100 * np.array([wilson(each, len(outcomes[0][1])) for each in hits])
        yield Series(
            label=kind,
            role=role,
            x=np.arange(len(outcomes), dtype=float),
            y=100 * np.array(hits) / len(outcomes[0][1]),
            low=ends[:, 0],
            high=ends[:, 1],
        )


def _calibration_errors(measured: dict[str, list[Outcomes]], seed: int) -> Iterator[Series]:
    for role, (kind, outcomes) in zip(ROLES, measured.items(), strict=False):
        values = np.array([100 * calibration_error(*each) for each in outcomes])
        ends = 100 * np.array([_band(*each, seed) for each in outcomes])
        yield Series(
            label=kind,
            role=role,
            x=np.arange(len(outcomes), dtype=float),
            y=values,
            low=np.minimum(ends[:, 0], values),
            high=np.maximum(ends[:, 1], values),
        )


def _band(confidence: np.ndarray, right: np.ndarray, seed: int) -> np.ndarray:
    """The 95 % interval of a calibration error, by the bootstrap."""
    rng, n = np.random.default_rng(seed), len(right)
    errors = []
    for _ in range(N_RESAMPLES):
        chosen = rng.integers(0, n, n)
        errors.append(calibration_error(confidence[chosen], right[chosen]))
    return np.quantile(errors, (0.025, 0.975))


def _sentences(record: ClaimRecorder, measured: dict[str, list[Outcomes]]) -> tuple[str, str, bool]:
    """Name the alteration that costs most, if it clearly does; and whether it does."""
    own = next(iter(measured.values()))[0][1]
    n = len(own)
    last = {kind: outcomes[-1][1] for kind, outcomes in measured.items()}
    worst = min(last, key=lambda kind: last[kind].sum())
    others = [paired_difference(last[kind], last[worst]).p for kind in last if kind != worst]
    accuracy = record(_share("accuracy, unaltered", own))
    fallen = record(_share(f"accuracy, {worst} at the highest strength", last[worst]))
    losses = ", ".join(
        f"{kind} {record(_loss(kind, own, outcomes))}" for kind, outcomes in last.items()
    )
    clear = stands_out(others)
    title = (
        f"{worst.capitalize()} costs most: accuracy falls to {fallen}"
        if clear
        else f"No alteration clearly costs most; {worst} lowers accuracy to {fallen}"
    )
    worst_error = max(
        (100 * calibration_error(*outcomes[-1]), kind) for kind, outcomes in measured.items()
    )
    error = record(
        number(
            "largest calibration error at the highest strength (points)",
            worst_error[0],
            "{:.1f} points",
            n,
        )
    )
    summary = (
        f"Unaltered, {accuracy} of {record(count('test examples', n))} test examples are "
        "classified correctly. At the highest strength the accuracy changes by: "
        f"{losses}. The calibration error is largest for {worst_error[1]}, {error}. "
        + (
            "The first is lower than each other one (McNemar's test at the 5 % level, Holm's "
            "correction). "
            if clear
            else ""
        )
        + "Bands are 95 % intervals: Wilson's of the accuracy, bootstrapped of the calibration "
        "error. The alterations are this program's own, so the numbers cannot be compared with "
        "published ones."
    )
    return title, summary, clear


def _share(name: str, right: np.ndarray) -> Claim:
    return share(name, int(right.sum()), len(right), split="test")


def _loss(kind: str, own: np.ndarray, right: np.ndarray) -> Claim:
    return gain(f"change of accuracy, {kind}", paired_difference(right, own), len(own))


def _images(data: Data, seed: int, provenance: MakeProvenance) -> ImageGrid:
    """One test image, altered in each way and strength."""
    example = data.test.inputs[:1]
    if example.dtype != np.uint8:
        example = np.rint(255 * example).astype(np.uint8)
    rows = [
        np.concatenate(
            [image_shifts.alter(example, kind, strength, seed) for strength in range(STRONGEST + 1)]
        )
        for kind in image_shifts.SETTINGS
    ]
    return ImageGrid(
        name="shifts-example",
        section=SECTION,
        title="One test image, altered",
        summary="Each row is one alteration, from none to the highest strength: "
        + "; ".join(_settings(image_shifts))
        + ". The kinds follow MNIST-C (Mu and Gilmer) and ImageNet-C (Hendrycks and Dietterich).",
        provenance=provenance(split="test", n=1, seed=seed),
        images=np.stack(rows)[None],
        frame_names=("",),
        row_names=tuple(image_shifts.SETTINGS),
        column_names=tuple(map(str, range(STRONGEST + 1))),
        row_label="",
        column_label="strength",
    )


def _texts(data: Data, seed: int, provenance: MakeProvenance) -> Table:
    """One test text, altered in each way at a middle strength."""
    example = data.test.inputs[:1]
    middle = 3
    return Table(
        name="shifts-example",
        section=SECTION,
        title="One test text, altered",
        summary="Strengths are " + "; ".join(_settings(text_shifts)) + ".",
        provenance=provenance(split="test", n=1, seed=seed),
        columns=("alteration", "strength", "text"),
        formats=("", "d", ""),
        rows=(
            ("none", 0, str(example[0])),
            *(
                (kind, middle, str(text_shifts.alter(example, kind, middle, seed)[0]))
                for kind in text_shifts.SETTINGS
            ),
        ),
    )


def _settings(kinds: ModuleType) -> Iterator[str]:
    for kind, settings in kinds.SETTINGS.items():
        first, *_, last = (kinds.UNITS[kind].format(each) for each in settings)
        yield f"{kind} {first} to {last}"
