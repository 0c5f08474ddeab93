"""Films of points on the screen: every frame of every track in one square, for a script to play."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np

from glassnet.drawing.layout import animation, scatter
from glassnet.drawing.screen import css, projection_quality
from glassnet.drawing.screen import points as screen_points
from glassnet.drawing.screen.points import class_slots, pack_uint16, quantise
from glassnet.findings import Animation, AnimationTrack, ScatterPanel

SIDE = 300.0
"""Width of the square on a phone, in CSS pixels, for which names are kept apart."""

MOVING_NAMES = 20
"""With more classes than this, their names stand where the last frame has them."""


def view(finding: Animation) -> dict[str, Any]:
    """Give what a page needs to play a film, and the frames that a print shows."""
    lead = finding.tracks[finding.lead]
    names = [_names(finding, track) for track in finding.tracks]
    rows, columns = animation.film_strip(finding)
    last = len(finding.frame_names) - 1
    return {
        "examples": finding.examples,
        "classes": screen_points.class_views(finding),
        "frames": list(finding.frame_names),
        "longest": ceil(max(css.width(name, bold=True) for name in finding.frame_names)),
        "methods": list(dict.fromkeys(track.method for track in finding.tracks)),
        "layers": list(dict.fromkeys(track.layer for track in finding.tracks)),
        "method": lead.method,
        "layer": lead.layer,
        "note": scatter.short_note(lead.panels[-1]),
        "quality_scores": projection_quality.score_views(lead.panels[-1]),
        "dimmed": lead.panels[-1].distorted_label,
        "drift_note": lead.drift_note,
        "names": names[finding.lead][-1],
        "strip": [
            {
                "layer": finding.tracks[row].layer,
                "drift_note": finding.tracks[row].drift_note,
                "cells": [
                    {
                        "track": row,
                        "frame": column,
                        "label": finding.frame_names[column],
                        "caption": finding.tracks[row].captions[column],
                        "quality_scores": projection_quality.score_views(
                            finding.tracks[row].panels[column]
                        ),
                        "names": names[row][column] if column == last else [],
                    }
                    for column in columns
                ],
            }
            for row in rows
        ],
        "columns": len(columns),
        "key": animation.DIMMED_LABEL if animation.has_distorted_points(finding) else "",
        "data": {
            "labels": pack_uint16(finding.labels),
            "slots": class_slots(len(finding.class_names)),
            "places": finding.places.tolist(),
            "lead": finding.lead,
            "afar": round(100 * css.LINE / SIDE, 2),
            "tracks": [
                _track(finding, track, placed)
                for track, placed in zip(finding.tracks, names, strict=True)
            ],
        },
    }


def _track(
    finding: Animation, track: AnimationTrack, names: Sequence[list[dict[str, Any]]]
) -> dict[str, Any]:
    square = animation.bounding_square(finding, track)
    return {
        "method": track.method,
        "layer": track.layer,
        "frames": [pack_uint16(quantise(points, square)) for points in track.frames],
        "notes": [scatter.short_note(panel) for panel in track.panels],
        "quality_scores": [_bars(panel) for panel in track.panels],
        "dimmed": [panel.distorted_label for panel in track.panels],
        "trust": [projection_quality.distortion_data(panel) for panel in track.panels],
        "drift": track.drift_note,
        "names": [[[*name["at"], *name["centre"]] for name in placed] for placed in names],
    }


def _bars(panel: ScatterPanel) -> list[list[Any]]:
    """Give the gauges of a frame in few characters: word, share, and where the interval lies."""
    return [
        [gauge[key] for key in ("word", "share", "low", "span")]
        for gauge in projection_quality.score_views(panel)
    ]


def _names(finding: Animation, track: AnimationTrack) -> list[list[dict[str, Any]]]:
    """Give the classes' names frame by frame; each frame has the same ones in the same order."""
    few = len(finding.class_names) <= MOVING_NAMES
    frames = track.frames if few else track.frames[-1:]
    square = animation.bounding_square(finding, track)
    placed = [_placed(finding, points, square) for points in frames]
    return placed * (len(track.frames) // len(placed))


def _placed(
    finding: Animation, points: np.ndarray, square: tuple[float, float, float]
) -> list[dict[str, Any]]:
    names = scatter.class_labels(
        points,
        finding.labels,
        finding.class_names,
        SIDE,
        lambda name: css.width(name, bold=True),
        css.LINE,
        square,
    )
    return screen_points.label_views(names)
