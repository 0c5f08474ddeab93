"""Animated scatter plots on the screen: all frames of all tracks, for a script to play."""

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np

from glassnet.drawing.layout import animation, projection_quality as quality_words, scatter
from glassnet.drawing.screen import css, points as screen_points, projection_quality
from glassnet.drawing.screen.points import class_shapes, class_slots, pack_uint16, quantise
from glassnet.findings import METHOD_NAMES, Animation, AnimationTrack, ScatterPanel

SIDE = 300.0
"""Width of the plot on a phone, in CSS pixels, for which class labels are placed."""

MAX_MOVING_LABELS = 20
"""Largest number of classes whose labels move; more stand where the last frame has them."""


def view(finding: Animation) -> dict[str, Any]:
    """Give what a page needs to play an animation, and the film strip that a print shows."""
    lead = finding.tracks[finding.lead]
    labels = [_labels(finding, track) for track in finding.tracks]
    rows, columns = animation.film_strip(finding)
    names, last = animation.frame_names(finding), len(finding.epochs) - 1
    return {
        "examples": finding.examples,
        "classes": screen_points.class_views(finding),
        "frames": names,
        "frame_name_width": ceil(max(css.width(name, bold=True) for name in names)),
        "methods": list(dict.fromkeys(METHOD_NAMES[track.method] for track in finding.tracks)),
        "layers": list(dict.fromkeys(track.layer for track in finding.tracks)),
        "method": METHOD_NAMES[lead.method],
        "layer": lead.layer,
        "note": lead.panels[-1].note,
        "quality_scores": projection_quality.score_views(lead.panels[-1]),
        "dimmed_label": quality_words.legend(lead.panels[-1]),
        "drift_note": lead.drift_note,
        "class_labels": labels[finding.lead][-1],
        "film_strip": [
            {
                "layer": finding.tracks[row].layer,
                "drift_note": finding.tracks[row].drift_note,
                "cells": [
                    {
                        "track": row,
                        "frame": column,
                        "label": names[column],
                        "caption": finding.tracks[row].captions[column],
                        "quality_scores": projection_quality.score_views(
                            finding.tracks[row].panels[column]
                        ),
                        "class_labels": labels[row][column] if column == last else [],
                    }
                    for column in columns
                ],
            }
            for row in rows
        ],
        "columns": len(columns),
        "legend": animation.DIMMED_LABEL if animation.has_distorted_points(finding) else "",
        "data": {
            "labels": pack_uint16(finding.labels),
            "slots": class_slots(len(finding.class_names)),
            "shapes": class_shapes(len(finding.class_names)),
            "example_indices": finding.places.tolist(),
            "lead": finding.lead,
            "leader_distance": round(100 * css.LINE / SIDE, 2),
            "tracks": [
                _track(finding, track, track_labels)
                for track, track_labels in zip(finding.tracks, labels, strict=True)
            ],
        },
    }


def _track(
    finding: Animation, track: AnimationTrack, labels: Sequence[list[dict[str, Any]]]
) -> dict[str, Any]:
    square = animation.bounding_square(finding, track)
    return {
        "method": METHOD_NAMES[track.method],
        "layer": track.layer,
        "frames": [pack_uint16(quantise(points, square)) for points in track.frames],
        "notes": [panel.note for panel in track.panels],
        "quality_scores": [_compact_scores(panel) for panel in track.panels],
        "dimmed_labels": [quality_words.legend(panel) for panel in track.panels],
        "distortion": [projection_quality.distortion_data(panel) for panel in track.panels],
        "drift_note": track.drift_note,
        "label_positions": [
            [[*label["position"], *label["centre"]] for label in frame] for frame in labels
        ],
    }


def _compact_scores(panel: ScatterPanel) -> list[list[Any]]:
    """List the quality scores of a frame as short tuples: formatted value, value, interval."""
    return [
        [score[key] for key in ("formatted", "percent", "low", "width")]
        for score in projection_quality.score_views(panel)
    ]


def _labels(finding: Animation, track: AnimationTrack) -> list[list[dict[str, Any]]]:
    """List the class labels frame by frame; each frame has the same ones in the same order."""
    labels_move = len(finding.class_names) <= MAX_MOVING_LABELS
    frames = track.frames if labels_move else track.frames[-1:]
    square = animation.bounding_square(finding, track)
    frame_labels = [_place_labels(finding, points, square) for points in frames]
    return frame_labels * (len(track.frames) // len(frame_labels))


def _place_labels(
    finding: Animation, points: np.ndarray, square: tuple[float, float, float]
) -> list[dict[str, Any]]:
    labels = scatter.class_labels(
        points,
        finding.labels,
        finding.class_names,
        SIDE,
        lambda name: css.width(name, bold=True),
        css.LINE,
        square,
    )
    return screen_points.label_views(labels)
