"""Where and when the classes separate in every seed, and what holds over all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.findings import (
    Cell,
    ClaimRecorder,
    CurvePanel,
    Curves,
    Finding,
    Interval,
    Provenance,
    Series,
    Table,
    count,
    number,
)
from glassnet.insight.measures.probe_map import INPUT, ProbeMap
from glassnet.insight.measures.separation import AGREEMENT, MARGIN, Separation, separation
from glassnet.insight.views.seed_curves import mean_line
from glassnet.insight.views.seed_evidence import GroupEvidence
from glassnet.insight.views.seed_results import n_seeds

SECTION = "dynamics"

ROLES = ("first", "second", "third", "fourth", "fifth", "sixth")
"""Styles of the layers' lines, in order."""


@dataclass(frozen=True, eq=False)
class _Seed:
    """The probe map of a seed, and where and when its classes separate, if they do."""

    map: ProbeMap
    separation: Separation | None

    @property
    def epoch(self) -> int:
        """The first epoch of the separation."""
        assert self.separation is not None  # noqa: S101
        return self.map.columns[self.separation.column].epoch or 0


def seed_separation(group: GroupEvidence) -> Iterator[Finding]:
    """List layer and epoch of the separation in every seed; draw the probes of the layers."""
    maps = {seed: each.probe_map for seed, each in group.seeds.items() if each.probe_map}
    if len(maps) < 2 or len({each.layers for each in maps.values()}) > 1:
        return
    seeds = {seed: _Seed(each, separation(each, group.seed)) for seed, each in maps.items()}
    yield _table(group, seeds)
    if all(len(each.epoch_columns) > 1 for each in maps.values()):
        yield _curves(group, seeds)


def _provenance(group: GroupEvidence, seeds: dict[int, _Seed]) -> Provenance:
    n = next(iter(seeds.values())).map.n
    return Provenance(
        run=group.name, checkpoint="", split="test", n=n, seed=group.seed, command=group.command
    )


def _table(group: GroupEvidence, seeds: dict[int, _Seed]) -> Table:
    record = ClaimRecorder()
    title, summary = _sentences(record, list(seeds.values()))
    return Table(
        name="seed-separation",
        section=SECTION,
        title=title,
        summary=summary,
        provenance=_provenance(group, seeds),
        claims=record.claims,
        stands_out=any(each.separation and each.separation.beats_input for each in seeds.values()),
        columns=(
            *("run", "layer", "from epoch", "linear probe (%)"),
            *("same layer in redraws (%)", "same epoch in redraws (%)"),
        ),
        formats=("", "", "d", ".1f", ".0f", ".0f"),
        rows=tuple(_row(seed, each) for seed, each in seeds.items()),
    )


def _row(seed: int, each: _Seed) -> tuple[Cell, ...]:
    found, measured = each.separation, each.map
    if found is None:
        return f"seed {seed}", "none", None, None, None, None
    place = found.layer, found.column
    ends = measured.interval("probe", *place)
    return (
        f"seed {seed}",
        measured.layers[found.layer],
        each.epoch,
        Interval(
            value=100 * float(measured.of("probe")[place]),
            low=100 * ends["low"],
            high=100 * ends["high"],
        ),
        100 * found.layer_agreement,
        100 * found.epoch_agreement,
    )


def _sentences(record: ClaimRecorder, seeds: Sequence[_Seed]) -> tuple[str, str]:
    """Title and summary: only what holds in every seed."""
    layers, n = seeds[0].map.layers, len(seeds)
    clear = [each for each in seeds if each.separation and each.separation.beats_input]
    summary = (
        "The layer is the first one whose linear probe is within "
        f"{100 * MARGIN:.0f} points of the best layer's, and the epoch the first one from which on "
        "it is as good as with the chosen weights; both are determined again in redraws of the "
        f"points. There are {record(count('held-out points', seeds[0].map.n))} held-out points "
        "for each seed."
    )
    if len(clear) < n:
        k = record(count("seeds in which a layer separates the classes", len(clear)))
        of = f"{k} of {n_seeds(record, n)}"
        if not clear:
            of = f"none of {n_seeds(record, n)}"
        return f"A layer separates the classes clearly better than the raw input in {of}", summary
    found = [each.separation for each in clear if each.separation]
    first = min(each.layer if _is_certain(each) else each.first for each in found)
    last = max(each.layer if _is_certain(each) else each.last for each in found)
    title = f"In all {n_seeds(record, n)}, the classes separate "
    title += f"at {layers[first]}" if first == last else f"somewhere from {layers[first]} to "
    title += "" if first == last else layers[last]
    epochs = [each.epoch for each in clear]
    if first == last and all(each.epoch_agreement >= AGREEMENT for each in found):
        latest = record(number("latest epoch of the separation", max(epochs), "epoch {:.0f}"))
        title += " before training" if not max(epochs) else f" by {latest}"
    return title, f"{summary} {_range(record, epochs)}"


def _is_certain(found: Separation) -> bool:
    """Whether nearly all redraws of the points give this layer."""
    return found.layer_agreement >= AGREEMENT


def _range(record: ClaimRecorder, epochs: Sequence[int]) -> str:
    low, high = (
        record(number(f"{which} epoch of the separation over seeds", epoch, "epoch {:.0f}"))
        for which, epoch in (("first", min(epochs)), ("last", max(epochs)))
    )
    if low == high:
        return f"In every seed they separate from {low} on."
    return f"Over the seeds, they separate from {low} to {high} on."


def _curves(group: GroupEvidence, seeds: dict[int, _Seed]) -> Curves:
    layers = next(iter(seeds.values())).map.layers
    names = [name for name in dict.fromkeys((INPUT, *group.layers)) if name in layers][: len(ROLES)]
    faint, means = [], []
    for role, name in zip(ROLES, names, strict=False):
        lines = {seed: _line(each.map, layers.index(name)) for seed, each in seeds.items()}
        faint += [
            Series(label=f"seed {seed}, {name}", role=role, x=x, y=y, faint=True)
            for seed, (x, y) in lines.items()
        ]
        xs, ys = zip(*lines.values(), strict=True)
        means.append(mean_line(name, role, list(xs), list(ys)))
    record, last = ClaimRecorder(), layers.index(names[-1])
    chosen = np.array([each.map.of("probe")[last, each.map.chosen] for each in seeds.values()])
    n = len(chosen)
    mean, sd = (
        record(number(f"{what} of linear probe accuracy", 100 * value, form, n, layer=names[-1]))
        for what, value, form in (
            ("mean over seeds", chosen.mean(), "{:.1f} %"),
            ("standard deviation over seeds", chosen.std(ddof=1), "{:.1f} points"),
        )
    )
    return Curves(
        name="seed-probe-curves",
        section=SECTION,
        title=f"A linear probe at {names[-1]} classifies {mean} of the held-out points correctly "
        f"on average, with a standard deviation of {sd} over {n_seeds(record, n)}",
        summary="With the chosen weights of each seed. Thick lines are means over the seeds at the "
        "epochs that all of them have, bands are one standard deviation to either side, and each "
        "thin line is a seed.",
        provenance=_provenance(group, seeds),
        claims=record.claims,
        x_label="epoch",
        panels=(
            CurvePanel(y_label="linear probe accuracy (%)", series=(*faint, *means), mark=None),
        ),
    )


def _line(measured: ProbeMap, layer: int) -> tuple[np.ndarray, np.ndarray]:
    """Epochs, and the accuracy of a layer's probe in per cent."""
    columns = list(measured.epoch_columns)
    epochs = np.array([measured.columns[column].epoch for column in columns], np.float64)
    return epochs, 100 * measured.of("probe")[layer, columns]
