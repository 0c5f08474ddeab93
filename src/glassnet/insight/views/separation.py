"""Where and when the classes separate, in words, with a claim behind each number."""

from typing import Any

from glassnet.contract import ExplainOptions
from glassnet.findings import Claim, ClaimRecorder, count, fraction, interval, number, share
from glassnet.insight.measures.probe_map import INPUT, SHARES, ProbeMap
from glassnet.insight.measures.separation import (
    AGREEMENT,
    MARGIN,
    REDRAWS,
    Separation,
    separation,
)

NAMES = {
    "probe": "linear probe accuracy",
    "neighbours": "10-NN accuracy",
    "fisher": "Fisher ratio",
    "dimension": "effective dimension",
}

DIGITS = {"fisher": 2, "dimension": 1}
"""Decimals of the measures that are no shares."""


def claim_of(measured: ProbeMap, measure: str, layer: int, column: int) -> Claim:
    """One number of the probe map as a claim."""
    value, network = float(measured.of(measure)[layer, column]), measured.columns[column]
    where: dict[str, Any] = {
        "layer": measured.layers[layer],
        "epoch": network.epoch,
        "network": network.control_network,
    }
    if measure in SHARES:
        return share(NAMES[measure], round(value * measured.n), measured.n, **where)
    return number(
        NAMES[measure],
        value,
        f"{{:.{DIGITS[measure]}f}}",
        measured.n,
        **measured.interval(measure, layer, column),
        **where,
    )


def separation_in_words(
    record: ClaimRecorder, measured: ProbeMap, options: ExplainOptions
) -> tuple[str, str, bool]:
    """Write title and summary, where and when the classes separate; and whether they do."""
    separated = separation(measured, options.seed)
    n, chance = points(record, measured), fraction("chance", measured.chance, n=measured.n)
    if separated is None:
        best = int(measured.of("probe")[:, measured.chosen].argmax())
        top = claim_of(measured, "probe", best, measured.chosen)
        return (
            "No layer separates the classes",
            f"The best linear probe, at {measured.layers[best]}, classifies "
            f"{_with_interval(record, top)} of {n} held-out points correctly; chance is "
            f"{record(chance)}.",
            False,
        )
    layer, column = measured.layers[separated.layer], measured.columns[separated.column]
    own = claim_of(measured, "probe", separated.layer, separated.column)
    others = []
    for name in dict.fromkeys((INPUT, *options.layers)):
        place = measured.layers.index(name) if name in measured.layers else separated.layer
        if place < separated.layer:
            other = claim_of(measured, "probe", place, separated.column)
            others.append(f"{record(other)} at {name}")
    summary = (
        f"A linear probe at {layer} {_when(record, measured, separated)} classifies "
        f"{_with_interval(record, own)} of {n} held-out points correctly, within "
        f"{100 * MARGIN:.0f} points of the best layer"
    )
    if others:
        summary += f" ({', '.join(others)})"
    if column.epoch:
        before = record(claim_of(measured, "probe", separated.layer, 0))
        summary += f", {before} before training"
    if shuffled := measured.columns[-1].control_network:
        control = record(claim_of(measured, "probe", separated.layer, -1))
        summary += f", and {control} in a control network trained on {shuffled}"
    summary = f"{summary}; chance is {record(chance)}. {_agreement(record, measured, separated)}"
    return _title(record, measured, separated), summary, separated.beats_input


def _when(record: ClaimRecorder, measured: ProbeMap, separated: Separation) -> str:
    """Name the epoch of the separation."""
    epoch = measured.columns[separated.column].epoch or 0
    if epoch == 0:
        return "before training"
    return f"after {record(number('epoch of the separation', epoch, 'epoch {:.0f}'))}"


def _title(record: ClaimRecorder, measured: ProbeMap, separated: Separation) -> str:
    """Name the layer and the epoch, or the range of layers, in which nearly all redraws agree."""
    if not separated.beats_input:
        return "No layer separates the classes clearly better than the raw input"
    first, last = measured.layers[separated.first], measured.layers[separated.last]
    if separated.layer_agreement < AGREEMENT:
        return f"The classes separate somewhere from {first} to {last}"
    title = f"The classes separate at {measured.layers[separated.layer]}"
    if separated.epoch_agreement < AGREEMENT:
        return title
    epoch = measured.columns[separated.column].epoch
    if epoch == 0:
        return f"{title} before training"
    return f"{title} by {record(number('epoch of the separation', epoch or 0, 'epoch {:.0f}'))}"


def _agreement(record: ClaimRecorder, measured: ProbeMap, separated: Separation) -> str:
    """State in how many redraws of the points the layer and the epoch are the same."""
    layer, epoch = measured.layers[separated.layer], measured.columns[separated.column].epoch or 0
    by_epoch = record(number("first epoch of the separation", epoch, "epoch {:.0f}"))
    same_layer, same_epoch = (
        record(fraction(f"redraws with the same {name}", value, digits=0))
        for name, value in (
            ("layer", separated.layer_agreement),
            ("epoch", separated.epoch_agreement),
        )
    )
    return (
        f"In {record(count('redraws', REDRAWS))} redraws of the points, {layer} is the first such "
        f"layer in {same_layer}, and {by_epoch} the first from which on it is as good in "
        f"{same_epoch}."
    )


def points(record: ClaimRecorder, measured: ProbeMap) -> str:
    """State the number of points."""
    return record(count("held-out points", measured.n, n=measured.n))


def _with_interval(record: ClaimRecorder, claim: Claim) -> str:
    return f"{record(claim)} {record(interval(claim, '[{:.1f}, {:.1f}]'))}"
