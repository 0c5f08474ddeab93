"""Design tokens that paper and screen share: opacities, dash patterns, line colours and mixes.

matplotlib reads them from here. A page gets them as CSS custom properties (`css_variables`), from
which its styles and scripts read them, so that neither holds a value of its own.
"""

DASHES: dict[str, tuple[float, ...]] = {
    "train": (4.0, 2.0),
    "valid": (),
    "test": (1.0, 1.6),
    "other": (6.0, 1.5, 1.0, 1.5),
    "first": (),
    "second": (5.0, 1.5),
    "third": (2.0, 1.2),
    "fourth": (6.0, 1.5, 1.0, 1.5),
    "fifth": (1.0, 1.6),
    "sixth": (8.0, 3.0),
}
"""Role of a curve -> lengths of dash and gap, in units of the line's width; empty is solid."""

REFERENCE_DASHES = (3.0, 2.0)
GUIDE_DASHES = (5.0, 3.0)
"""Dashes of reference lines across bars, and of diagonals and boundaries, in line widths."""

LINE_WIDTH, REFERENCE_WIDTH, GUIDE_WIDTH = 2.0, 1.5, 1.2
"""Widths of these lines on the screen, in CSS pixels."""

SERIES_ROLES = ("first", "second", "third", "fourth", "fifth", "sixth")
"""Roles of curves of one kind, such as one per layer."""

SERIES_SLOTS = (0, 2, 4, 6, 5, 8)
"""Class colours of these curves."""

POINT_OPACITY, DIMMED_OPACITY, FAINT_OPACITY = 0.85, 0.2, 0.13
"""Opacity of a point, of a point whose neighbours a projection lost, and of one that is not in
focus on the screen."""

POINT_PASSES = 6
"""Number of passes over the classes in which points are drawn, so that no class covers another."""

ONE_OF_SEVERAL_OPACITY = 0.45
"""Opacity of a line that is one of several, whose mean is drawn as well."""

INTERVAL_OPACITY = 0.18
"""Opacity of the band of a confidence interval."""

MUTED_FILL = 0.42
"""Share of the muted colour in the fill of bars that are not in focus."""

DIMMED_SAMPLE = 0.3
"""Share of the ink in the sample of a dimmed point in a legend."""

EDGE_FILL, TOP_FILL, SIDE_FILL = 0.45, 0.55, 0.82
"""Share of a layer's colour in the edges, the top and the side of its box in a network diagram."""

HOVER_FILL = 0.7
"""Share of its own colour in a bar under the pointer."""

MOUSE_RADIUS, TOUCH_RADIUS = 14, 24
"""Distance from a point within which a mouse or a finger selects it, in CSS pixels."""

RING_GAP, RING_WIDTH = 4, 2
"""Distance from a selected point to its ring, and the ring's width, in CSS pixels."""


def css_variables() -> str:
    """Write the tokens as CSS custom properties, one declaration per line.

    Example:
        >>> css_variables().splitlines()[0]
        '--dash-train: 8 4;'
    """
    dashes = {f"dash-{role}": _dash(dash, LINE_WIDTH) for role, dash in DASHES.items()}
    values = dashes | {
        "dash-reference": _dash(REFERENCE_DASHES, REFERENCE_WIDTH),
        "dash-guide": _dash(GUIDE_DASHES, GUIDE_WIDTH),
        "line-width": f"{LINE_WIDTH:g}",
        "reference-width": f"{REFERENCE_WIDTH:g}",
        "guide-width": f"{GUIDE_WIDTH:g}",
        "point-opacity": f"{POINT_OPACITY:g}",
        "dimmed-opacity": f"{DIMMED_OPACITY:g}",
        "faint-opacity": f"{FAINT_OPACITY:g}",
        "point-passes": f"{POINT_PASSES}",
        "one-of-several-opacity": f"{ONE_OF_SEVERAL_OPACITY:g}",
        "interval-opacity": f"{INTERVAL_OPACITY:.0%}",
        "muted-fill": f"{MUTED_FILL:.0%}",
        "dimmed-sample": f"{DIMMED_SAMPLE:.0%}",
        "edge-fill": f"{EDGE_FILL:.0%}",
        "top-fill": f"{TOP_FILL:.0%}",
        "side-fill": f"{SIDE_FILL:.0%}",
        "hover-fill": f"{HOVER_FILL:.0%}",
        "mouse-radius": f"{MOUSE_RADIUS}",
        "touch-radius": f"{TOUCH_RADIUS}",
        "ring-gap": f"{RING_GAP}",
        "ring-width": f"{RING_WIDTH}",
    }
    return "\n".join(f"--{name}: {value};" for name, value in values.items())


def series_slots() -> list[tuple[str, int]]:
    """List the roles of curves of one kind, each with the number of its class colour."""
    return list(zip(SERIES_ROLES, SERIES_SLOTS, strict=True))


def _dash(lengths: tuple[float, ...], width: float) -> str:
    """Write a dash pattern in CSS pixels."""
    return " ".join(f"{length * width:g}" for length in lengths) or "none"
