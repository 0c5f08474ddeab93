"""Styles of both themes: colours, tokens, and the classes that name a colour or a dash."""

from glassnet.drawing import tokens
from glassnet.drawing.palette import DARK, LIGHT, css_variables


def css() -> str:
    """Write the variables that all other styles use, and the classes of series and layers.

    A page is dark if the system is and `data-theme` is not `light`, or if `data-theme` is `dark`;
    what is printed is light.
    """
    dark = css_variables(DARK)
    return "\n".join(
        [
            f":root {{\n{css_variables(LIGHT)}\n{tokens.css_variables()}",
            f"--class-count: {len(LIGHT.classes)};\n}}",
            "@media screen and (prefers-color-scheme: dark) {",
            f':root:not([data-theme="light"], [data-printing]) {{\n{dark}\n}}\n}}',
            "@media screen {",
            f':root[data-theme="dark"]:not([data-printing]) {{\n{dark}\n}}\n}}',
            *(
                f".slot-{slot} {{ --class: var(--class-{slot}); }}"
                for slot in range(len(LIGHT.classes))
            ),
            ".slot--1 { --class: var(--muted); }",
            *(
                f".{role} {{ --tone: var(--class-{slot}); }}"
                for role, slot in tokens.series_slots()
            ),
            *(f".line.{role} {{ --dash: var(--dash-{role}); }}" for role in tokens.DASHES),
            *(f".family-{name} {{ --fill: var(--family-{name}); }}" for name in LIGHT.families),
        ]
    )
