"""What every finding carries: its words, its place in the story, its receipt and its claims."""

from __future__ import annotations

from dataclasses import dataclass

SECTIONS = (
    "result",
    "network",
    "training",
    "samples",
    "latent-space",
    "texts",
    "words",
    "layers",
    "dynamics",
    "examples",
    "mistakes",
)
"""The story's chapters, in the order in which a report tells them."""


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """How a finding came about: enough to compute it again.

    Attributes:
        run: the run's name.
        checkpoint: which weights, as `best (epoch 12)`; empty where none were needed.
        split: `train`, `valid` or `test`; empty where no examples were needed.
        n: number of examples behind the numbers.
        seed: the seed of whatever was drawn at random, else None.
        command: the command line that makes it again.
    """

    run: str
    checkpoint: str
    split: str
    n: int
    seed: int | None
    command: str


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One number that a finding says in words, with what it rests on.

    Attributes:
        name: what is counted or measured, such as `probe accuracy at pool2, epoch 2`.
        value: the number itself, unrounded.
        formatted: the number as it is written, such as `97.1 %`.
        n: number of examples behind it; 0 where it is no estimate.
        low, high: its 95 % interval, or None where it has none.
        split, checkpoint, seed: where they differ from the finding's receipt.
    """

    name: str
    value: float
    formatted: str
    n: int = 0
    low: float | None = None
    high: float | None = None
    split: str | None = None
    checkpoint: str | None = None
    seed: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Finding:
    """What every kind of finding carries.

    Attributes:
        name: the file name without its ending, as `tsne`.
        section: one of `SECTIONS`.
        title: the finding in words, as `The classes come apart at pool2`.
        reading: one sentence with the number that supports the title.
        receipt: how to make it again.
        claims: every number that title, reading and notes say.
    """

    name: str
    section: str
    title: str
    summary: str
    provenance: Provenance
    claims: tuple[Claim, ...] = ()
