"""Design tokens: paper and page take opacities, dashes and mixes from one place."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import matplotlib.colors
import numpy as np
import pytest
import synthetic
import synthetic_texts

import glassnet.drawing
from glassnet.drawing import tokens
from glassnet.drawing.paper import figure as paper
from glassnet.report import RunView, render

STATIC = resources.files("glassnet.report").joinpath("static")
STYLES = [path.name for path in STATIC.iterdir() if path.name.endswith(".css")]
SCRIPTS = [path.name for path in STATIC.iterdir() if path.name.endswith(".js")]
PAPER = sorted((Path(glassnet.drawing.__file__).parent / "paper").glob("*.py"))

OWN_VALUE_IN_STYLE = re.compile(
    r"stroke-dasharray:\s*[\d.]|(?<![\w-])(?:fill-|stroke-)?opacity:\s*[\d.]|"
    r"color-mix\([^;}]*?(?<!\*)\s[\d.]+%|--(?:dash|point|ring|mouse|touch)[\w-]*:"
)
OWN_VALUE_IN_SCRIPT = re.compile(
    r"globalAlpha = [^;]*0?\.\d|setLineDash\(\[\s*\d|[Oo]pacity: [\d.]|selectNear\(event, \d"
)
OWN_VALUE_ON_PAPER = re.compile(r"alpha=[\d.]|dashes=\([\d.]+, [\d.]+\),$", re.MULTILINE)


def declared() -> dict[str, str]:
    return dict(
        line.removesuffix(";").split(": ", 1) for line in tokens.css_variables().splitlines()
    )


@pytest.mark.parametrize("name", STYLES)
def test_a_style_sheet_has_no_opacity_dash_or_mix_of_its_own(name: str) -> None:
    assert OWN_VALUE_IN_STYLE.findall(STATIC.joinpath(name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_has_no_opacity_dash_or_radius_of_its_own(name: str) -> None:
    assert OWN_VALUE_IN_SCRIPT.findall(STATIC.joinpath(name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", PAPER, ids=lambda path: path.name)
def test_paper_has_no_opacity_of_its_own(path: Path) -> None:
    assert OWN_VALUE_ON_PAPER.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("pattern", "bad"),
    [
        (OWN_VALUE_IN_STYLE, ".line { stroke-dasharray: 6 4; }"),
        (OWN_VALUE_IN_STYLE, ".a { fill: color-mix(in srgb, var(--tone) 18%, transparent); }"),
        (OWN_VALUE_IN_STYLE, ".a { opacity: 0.2; }"),
        (OWN_VALUE_IN_SCRIPT, 'context.globalAlpha = dimmed === "1" ? 0.25 : 0.85;'),
        (OWN_VALUE_IN_SCRIPT, "this.selectNear(event, 24);"),
        (OWN_VALUE_ON_PAPER, "axes.scatter(x, y, alpha=0.2)"),
    ],
)
def test_the_check_finds_a_value_of_its_own(pattern: re.Pattern[str], bad: str) -> None:
    assert pattern.search(bad)


def test_scripts_and_styles_use_only_tokens_that_exist() -> None:
    html = render([RunView("run", {})])
    variables = set(re.findall(r"(--[\w-]+):", html)) | set(re.findall(r"'(--[\w-]+)'", html))
    for name in SCRIPTS:
        text = STATIC.joinpath(name).read_text(encoding="utf-8")
        for variable in re.findall(r'css(?:Number|Variable)\("(--[\w-]+)"\)', text):
            assert variable in variables, (name, variable)
    for token in declared():
        used = html.count(f"var({token})") + html.count(f'("{token}")') + html.count(f"{token})")
        assert used, token


def test_the_page_defines_every_token() -> None:
    html = render([RunView("run", {})])
    for name, value in declared().items():
        assert f"{name}: {value};" in html


def test_dashes_on_the_page_are_those_of_paper_in_units_of_the_line() -> None:
    for role, dash in tokens.DASHES.items():
        css = declared()[f"--dash-{role}"]
        lengths = () if css == "none" else tuple(map(float, css.split()))
        assert lengths == pytest.approx(tuple(tokens.LINE_WIDTH * length for length in dash))


def test_curves_on_paper_have_the_dashes_of_their_role() -> None:
    finding = synthetic.curves()
    lines = [
        line
        for axes in paper.figure(finding).axes
        for line in axes.lines
        if np.size(line.get_xdata()) == len(finding.panels[0].series[0].x)
    ]
    train, valid = lines[:2]
    assert train.is_dashed()
    assert not valid.is_dashed()


def test_the_line_of_perfect_calibration_is_dashed_on_paper() -> None:
    axes = next(axes for axes in paper.figure(synthetic_texts.reliability()).axes if axes.lines)
    assert axes.lines[0].is_dashed()


def test_series_roles_have_a_slot_and_a_dash_each() -> None:
    slots = tokens.series_slots()
    assert len({slot for _, slot in slots}) == len(slots)
    assert {role for role, _ in slots} <= set(tokens.DASHES)
    assert all(matplotlib.colors.is_color_like(c) for c in glassnet.drawing.palette.CLASS_COLOURS)
