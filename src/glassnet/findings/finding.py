"""The fields of every finding: title, summary, section, provenance and claims."""

from dataclasses import dataclass

from glassnet.findings import notebook

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
    "other-data",
)
"""The sections of a report, in their order."""


METHOD_NAMES = {"pca": "PCA", "tsne": "t-SNE"}
"""Projection method -> its name in a text."""


def projection_name(method: str, layer: str) -> str:
    """Name a projection of a layer.

    Example:
        >>> projection_name("tsne", "pool1")
        't-SNE of pool1'
    """
    return f"{METHOD_NAMES[method]} of {layer}"


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where a finding comes from: enough to compute it again.

    Attributes:
        run: the run's name.
        checkpoint: the weights, such as `best, epoch 12 (0f1c2d3e4b5a)`; empty where unused.
        split: `train`, `valid` or `test`; empty where no examples were used.
        n: number of examples that the numbers are computed from.
        seed: the seed of the random numbers, or None.
        command: the command line that computes it again.
    """

    run: str
    checkpoint: str
    split: str
    n: int
    seed: int | None
    command: str


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One number in a finding's sentences, with its interval and provenance.

    Attributes:
        name: what is counted or measured, such as `linear probe accuracy`.
        value: the number, unrounded.
        formatted: the number as it stands in the sentence, such as `97.1 %`.
        n: number of examples it is computed from; 0 where it is not an estimate.
        low, high: its 95 % interval, or None where it has none.
        layer: the layer that it is measured in.
        epoch: the epoch whose weights it is measured with, where it is not the finding's.
        method: the projection that it is measured on, a key of `METHOD_NAMES`.
        network: the control network that it is measured with.
        split, checkpoint, seed: where they differ from the finding's provenance.
        further_maps: whether it is measured on t-SNE maps that are not stored, such as those from
            other seeds, so that another machine gives another value.
    """

    name: str
    value: float
    formatted: str
    n: int = 0
    low: float | None = None
    high: float | None = None
    layer: str | None = None
    epoch: int | None = None
    method: str | None = None
    network: str | None = None
    split: str | None = None
    checkpoint: str | None = None
    seed: int | None = None
    further_maps: bool = False

    @property
    def key(self) -> tuple[str | int | None, ...]:
        """What is measured, and where."""
        return self.name, self.layer, self.epoch, self.method, self.network


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Finding:
    """The common fields of all kinds of finding.

    Attributes:
        name: the file name without its extension, such as `tsne`.
        section: one of `SECTIONS`.
        title: the result in words, such as `The classes separate at pool2`.
        summary: one sentence with the numbers that support the title.
        provenance: how to compute it again.
        claims: every number in title, summary and notes.
        options_id: which options of `explain` made it, an id in run.json; empty if not stored.
        stands_out: False where the title says that nothing does, such as that no class is clearly
            the hardest; set by the findings among which a report chooses those that matter most.
    """

    name: str
    section: str
    title: str
    summary: str
    provenance: Provenance
    claims: tuple[Claim, ...] = ()
    options_id: str = ""
    stands_out: bool = True

    def __repr__(self) -> str:
        return f"<glassnet finding {self.name}: {self.title}>"

    def _repr_html_(self) -> str | None:
        return notebook.html(self)
