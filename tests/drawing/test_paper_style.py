"""Width, caption and formats of printed figures."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
import synthetic
import synthetic_texts
from PIL import Image

from glassnet import findings
from glassnet.drawing.paper import figure as paper
from glassnet.drawing.paper.image_grid import figure as image_grid
from glassnet.drawing.paper.style import FORMATS, PageStyle, checked_formats, points
from glassnet.drawing.paper.table import divide
from glassnet.errors import UsageError
from glassnet.explain import captions, report_files
from glassnet.explain.report_files import figure_files
from glassnet.runs import manifest
from glassnet.runs.folder import Run

NARROW = PageStyle(points("3.25in"), caption=False)


@pytest.mark.parametrize(
    ("width", "inches"),
    [("3.25in", 3.25), ("8.255cm", 3.25), (" 82.55 mm ", 3.25), ("234.8775pt", 3.25), ("2in", 2)],
)
def test_a_length_is_read_in_each_unit(width: str, inches: float) -> None:
    assert points(width) / 72 == pytest.approx(inches, rel=1e-6)


@pytest.mark.parametrize("width", ["3.25", "wide", "-3in", "3 inches", "0in", "1.9in", "21in", ""])
def test_what_is_no_width_is_refused_with_an_example(width: str) -> None:
    with pytest.raises(UsageError) as caught:
        points(width)
    assert re.search(r"\din", caught.value.hint)


def test_formats_are_checked_and_repeated_ones_left_out() -> None:
    assert checked_formats(("pdf", "png", "pdf")) == ("pdf", "png")
    with pytest.raises(UsageError, match="'pfd'") as caught:
        checked_formats(("pfd",))
    assert "pdf" in caught.value.hint
    with pytest.raises(UsageError, match="no format"):
        checked_formats(())


def pdf_objects(pdf: bytes) -> bytes:
    """The file with its streams unpacked where they are packed."""
    parts = [pdf]
    for match in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(match[1]))
        except zlib.error:
            continue
    return b"\n".join(parts)


@pytest.mark.slow
@pytest.mark.parametrize(
    "finding", [synthetic.confusion(), synthetic_texts.languages()], ids=lambda f: f.name
)
def test_a_pdf_has_its_width_its_fonts_and_no_date(
    finding: findings.Finding, tmp_path: Path
) -> None:
    (one,) = paper.draw(finding, tmp_path / "one", NARROW, ["pdf"])
    (two,) = paper.draw(finding, tmp_path / "two", NARROW, ["pdf"])
    assert one.read_bytes() == two.read_bytes()
    content = pdf_objects(one.read_bytes())
    (box,) = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) [\d.]+ \]", content)
    assert float(box) == pytest.approx(234)
    assert b"/CIDFontType2" in content or b"/TrueType" in content
    assert b"/FontFile2" in content, "the font is within the file"
    assert b"/Type3" not in content
    assert b"CreationDate" not in content


@pytest.mark.slow
def test_each_format_is_as_wide_as_it_should_be(tmp_path: Path) -> None:
    finding = synthetic.curves()
    png, svg, pdf = paper.draw(finding, tmp_path, NARROW, FORMATS)
    with Image.open(png) as image:
        assert image.width == 975
    text = svg.read_text(encoding="utf-8")
    assert re.search(r'width="234(\.0*)?pt"', text)
    assert f">{finding.x_label}<" in text, "text is text"
    assert pdf.name == f"{finding.name}.pdf"


def drawn(folder: Path) -> set[str]:
    return {path.name for path in (folder / "figures").iterdir()}


@pytest.mark.slow
def test_a_redraw_computes_nothing_and_leaves_other_formats(tmp_path: Path) -> None:
    run, shown = Run(tmp_path, {}), (synthetic.bars(), synthetic.table())
    records: list[findings.Record] = [*shown, synthetic.examples(20)]
    for record in records:
        findings.save(record, run.findings)
    report_files.draw(records, run)
    bars, table = (each.name for each in shown)
    before = (run.figures / f"{bars}.png").read_bytes()
    names = report_files.redraw(run, figure_files(["pdf"], "8cm", caption=False))
    assert names == sorted([bars, table])
    assert drawn(tmp_path) == {
        *(f"{bars}.{kind}" for kind in ("png", "svg", "pdf", "csv", "tex", "txt")),
        *(f"{table}.{kind}" for kind in ("png", "svg", "pdf", "csv", "tex", "txt")),
    }
    assert (run.figures / f"{bars}.png").read_bytes() == before
    assert set(manifest.read(tmp_path)) == {f"figures/{name}" for name in drawn(tmp_path)}
    assert r"\begin{tabular}" in (run.figures / f"{table}.tex").read_text()
    assert r"\includegraphics" in (run.figures / f"{bars}.tex").read_text()

    report_files.draw(records[:1], run)  # new findings: what shows earlier ones is removed
    assert {name for name in drawn(tmp_path) if name.startswith(f"{bars}.")} == {
        f"{bars}.{kind}" for kind in ("png", "svg", "csv")
    }
    assert set(manifest.read(tmp_path)) == {f"figures/{name}" for name in drawn(tmp_path)}


def unescaped(text: str) -> str:
    """What LaTeX prints for the commands that captions use; every other command is an error."""
    printed = {
        **{f"\\{character}": character for character in "&%$#_{}"},
        r"\textasciitilde{}": "~",
        r"\textasciicircum{}": "^",
        r"\textbackslash{}": "\\",
        "$-$": "−",
        r"$\pm$": "±",
        r"$\times$": "×",
        "--": "–",
    }
    pattern = "|".join(re.escape(each) for each in sorted(printed, key=len, reverse=True))
    rest = re.sub(pattern, "", text)
    assert not re.search(r"[\\&%$#_{}~^]", rest), rest
    return re.sub(pattern, lambda match: printed[match[0]], text)


def test_a_caption_survives_latex(tmp_path: Path) -> None:
    title, summary = "50 % & $x_1 #{a}~^\\ −3", "± 2 × 3 – ü\n\\end{figure}"
    finding = replace(synthetic.curves(), title=title, summary=summary)
    captions.write(finding, tmp_path)
    lines = (tmp_path / f"{finding.name}.tex").read_text(encoding="utf-8").splitlines()
    assert [line.strip() for line in lines if line.strip() == r"\end{figure}"] == lines[-1:]
    (caption,) = [line for line in lines if line.startswith(r"  \caption{")]
    assert unescaped(caption[len(r"  \caption{") : -1]) == f"{title}. {' '.join(summary.split())}"
    assert rf"  \includegraphics{{{finding.name}}}" in lines
    plain = (tmp_path / f"{finding.name}.txt").read_text(encoding="utf-8")
    assert plain == f"{title}\n\n{summary}\n"


def test_columns_that_do_not_fit_continue_below() -> None:
    assert divide([30.0], 100.0, "a") == [[0]]
    assert divide([30.0, 300.0, 20.0], 100.0, "abc") == [[0, 1], [0, 2]]
    assert divide([10.0] * 4, 100.0, "abcd") == [[0, 1, 2, 3]]
    assert divide([30.0, 30.0, 30.0, 10.0], 100.0, "abc±") == [[0, 1], [0, 2, 3]]


def test_images_too_small_for_a_narrow_page_continue_below() -> None:
    finding = synthetic.image_grid(synthetic.drawn(1, 2, 24), ("sample", "nearest training image"))
    drawn = [axes for axes in image_grid(finding, NARROW).axes if axes.images]
    assert len(drawn) > 1
    size = min(axes.get_position().width * 234 / (24 / len(drawn)) for axes in drawn)
    assert size > 15
