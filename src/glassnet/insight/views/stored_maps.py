"""The coordinates of t-SNE maps in stored findings, by what they are cached under.

The last bits of a sum, which differ between machines, decide where t-SNE places its points. What
is measured on a map can only be computed again from the coordinates that were stored.
"""

from collections.abc import Mapping

import numpy as np

from glassnet.contract import ExplainOptions, Model
from glassnet.findings import Animation, Record, Scatter
from glassnet.insight.views import animation_frames, control_networks, projections

METHOD = "tsne"


def stored_maps(
    findings: Mapping[str, Record], model: Model, options: ExplainOptions
) -> dict[str, np.ndarray]:
    """Collect the maps of one `explain` call: name in the cache -> points (..., n, 2) float32."""
    return {
        **_of_layers(findings, options),
        **_of_epochs(findings, options),
        **_of_networks(findings, model, options),
    }


def _of_layers(findings: Mapping[str, Record], options: ExplainOptions) -> dict[str, np.ndarray]:
    finding = findings.get(METHOD)
    panels = finding.panels if isinstance(finding, Scatter) else ()
    return {projections.map_key(options, METHOD, panel.label): panel.points for panel in panels}


def _of_epochs(findings: Mapping[str, Record], options: ExplainOptions) -> dict[str, np.ndarray]:
    """Undo the scaling of the aligned maps."""
    finding = findings.get("animation")
    if not isinstance(finding, Animation):
        return {}
    points = [
        track.frames * np.array(track.scales, np.float32)[:, None, None]
        for track in finding.tracks
        if track.method == METHOD
    ]
    key = animation_frames.map_key(options, finding.epochs, METHOD)
    return {key: np.stack(points)} if points else {}


def _of_networks(
    findings: Mapping[str, Record], model: Model, options: ExplainOptions
) -> dict[str, np.ndarray]:
    maps = {}
    for layer in control_networks.shown_layers(model, options):
        finding = findings.get(control_networks.finding_name(METHOD, layer, options))
        if isinstance(finding, Scatter):
            names = [panel.label for panel in finding.panels]
            n = len(finding.labels)
            key = control_networks.map_key(METHOD, layer, names, n, options.seed)
            maps[key] = np.stack([panel.points for panel in finding.panels])
    return maps
