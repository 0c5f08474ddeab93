from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import asdict, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import synthetic
import synthetic_texts
from synthetic_runs import make_drawing_run, make_run, make_text_run

from glassnet.errors import UsageError
from glassnet.findings import Claim, Examples, Finding
from glassnet.report import RunView, render, write
from glassnet.report.page import embedded

VOID = {"meta", "img", "br", "input", "link", "hr"}


class Outline(HTMLParser):
    """Reads a page's elements, and checks that they are closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.addresses: list[str] = []
        self.images: list[dict[str, str]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {key: value or "" for key, value in attrs}
        if "id" in values:
            self.ids.append(values["id"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "img":
            self.images.append(values)
        self.addresses += [values[key] for key in ("src", "href", "action") if key in values]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data: str) -> None:
        if "script" not in self.open and "style" not in self.open:
            self.text += data


@pytest.fixture(scope="module")
def page(run: RunView) -> Outline:
    return Outline(render([run]))


def test_equal_runs_give_equal_bytes(run: RunView, tmp_path: Path) -> None:
    one = write([run], tmp_path / "one.html").read_bytes()
    assert one == write([make_run()], tmp_path / "two.html").read_bytes()
    assert len(one) < 2_000_000


def test_the_page_is_well_formed(page: Outline) -> None:
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_headings_come_in_order(page: Outline, several: list[RunView]) -> None:
    for outline in (page, Outline(render(several))):
        assert outline.headings[0] == 1
        assert outline.headings.count(1) == 1
        steps = zip(outline.headings, outline.headings[1:], strict=False)
        assert all(after - before <= 1 for before, after in steps)


def test_links_lead_to_places_in_the_page(page: Outline, several: list[RunView]) -> None:
    for outline in (page, Outline(render(several))):
        assert outline.addresses
        for address in outline.addresses:
            assert address.startswith(("#", "data:"))
            assert address.startswith("data:") or address[1:] in outline.ids


def test_titles_summaries_and_provenance_are_in_the_page(page: Outline, run: RunView) -> None:
    text = " ".join(page.text.replace("\N{NO-BREAK SPACE}", " ").split())
    for finding in run.findings.values():
        if isinstance(finding, Finding):
            assert finding.title in text
            assert finding.summary in text
            assert finding.provenance.command in text
    assert "best (epoch 12)" in text
    assert run.info["command"] in text


def claimed() -> RunView:
    """A run with records: of a finding, and of its results."""
    claims = (
        Claim(
            name="accuracy", value=0.99341, formatted="99.34 %", n=10_000, low=0.9916, high=0.9948
        ),
        Claim(name="parameters", value=1_234_567.0, formatted="1,234,567", split="train"),
    )
    run = make_run()
    labelled = replace(synthetic.curves(15), claims=claims)
    test = run.info["results"]["test"] | {"claims": [asdict(claims[0])]}
    info = run.info | {"results": {"test": test}}
    return replace(run, info=info, findings=run.findings | {labelled.name: labelled})


def test_claims_are_listed_under_their_figure_and_those_of_the_header_at_the_top() -> None:
    html = render([claimed()])
    head, _, sections = html.partition("<section id=")
    space = "\N{NO-BREAK SPACE}"
    accuracy = ["accuracy", f"99.34{space}%", "0.99341", "0.9916 to 0.9948", "10,000"]
    figure = sections[sections.index(f'id="run-1-{synthetic.curves(15).name}"') :]
    figure = figure[: figure.index("</figure>")]
    parameters = ["parameters", "1,234,567", "1,234,567", "", "", "training"]
    assert claim_rows(figure) == [[*accuracy, "validation"], parameters]
    assert claim_rows(head)[0] == [*accuracy, "test"]
    assert "training time in seconds" in [name for name, *_ in claim_rows(head)]
    assert "glassnet evaluate" in head
    assert Outline(html).open == []


def claim_rows(html: str) -> list[list[str]]:
    """The rows of the table of claims that a part of a page makes."""
    found = re.search(r'class="claim-rows">(.*?)</script>', html)
    assert found is not None
    return list(json.loads(found.group(1)))


def test_every_image_has_an_alternative_text(page: Outline, drawing_run: RunView) -> None:
    drawings = Outline(render([drawing_run]))
    assert (len(page.images), len(drawings.images)) == (12, 5)
    assert all(image["alt"] for image in page.images + drawings.images)


def test_runs_of_two_families_make_one_page(pair: list[RunView]) -> None:
    outline = Outline(render(pair))
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    text = outline.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "cnn on mnist and vae on mnist" in text
    assert "Negative log-likelihood: 86.91 nats" in text
    assert {f"section-run-2-{name}" for name in ("samples", "latent-space")} <= set(outline.ids)
    assert {"#run-1", "#run-2", "#part-run-2-generated"} <= set(outline.addresses)


def test_a_page_of_drawings_is_the_same_every_time_and_small(drawing_run: RunView) -> None:
    html = render([drawing_run])
    assert html == render([make_drawing_run()])
    assert len(html) < 1_000_000


def test_texts_are_in_the_page_as_they_are_written(text_run: RunView) -> None:
    html = render([text_run])
    outline = Outline(html)
    assert outline.open == []
    for text in (*synthetic_texts.ENGLISH.split(". "), synthetic_texts.CHINESE):
        assert text in outline.text
    assert "<b>plot</b>" in outline.text
    assert 'dir="rtl"' in html
    assert 'title="+' in html
    assert "1 test example<" in html
    assert html == render([make_text_run()])
    assert len(html) < 500_000


def embedded_examples(html: str) -> dict[str, Any]:
    """The examples of the first run, as a page has them."""
    found = re.search(r'id="examples-run-1-examples">(.*?)</script>', html)
    assert found is not None
    return dict(json.loads(found.group(1)))


def test_examples_that_are_texts_are_embedded_without_images(text_run: RunView) -> None:
    html = render([text_run])
    data = embedded_examples(html)
    assert data["spriteSheet"] is None
    assert data["texts"][4].startswith("Two stars. The <b>plot</b>")
    assert "data:image" not in html


def test_equal_images_are_in_the_page_once(run: RunView) -> None:
    examples = synthetic.examples(60)
    part = replace(
        examples,
        name="part",
        ids=examples.ids[5:25],
        images=None if examples.images is None else examples.images[5:25],
        labels=examples.labels[5:25],
        predicted=None if examples.predicted is None else examples.predicted[5:25],
        confidence=None if examples.confidence is None else examples.confidence[5:25],
    )
    plot = replace(synthetic.scatter(60), examples=examples.name)
    of_part = replace(synthetic.scatter(20), name="of-part", examples="part")
    found: dict[str, Finding | Examples] = {
        each.name: each for each in (examples, part, plot, of_part)
    }
    html = render([replace(run, findings=found), replace(run, findings=found)])
    outline = Outline(html)
    assert len([name for name in outline.ids if name.startswith("sprites-")]) == 1
    data = re.search(r'id="examples-run-2-part">(.*?)</script>', html)
    assert data is not None
    whole = f"examples-run-2-{examples.name}"
    assert json.loads(data.group(1)) == {"subsetOf": whole, "indices": list(range(5, 25))}
    other = replace(part, labels=1 - part.labels.clip(0, 1))
    html = render([replace(run, findings={**found, "part": other})])
    assert "subsetOf" not in html.partition('id="examples-run-1-part">')[2].partition("<")[0]


def test_three_families_of_networks_make_one_page(trio: list[RunView]) -> None:
    outline = Outline(render(trio))
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert {"examples-run-1-examples", "examples-run-3-examples"} <= set(outline.ids)
    assert "section-run-3-texts" in outline.ids


def test_examples_of_a_network_that_does_not_classify_have_no_predictions(
    drawing_run: RunView,
) -> None:
    html = render([drawing_run])
    data = embedded_examples(html)
    assert data["predicted"] is None
    assert data["confidence"] is None


def test_several_runs_are_chapters_under_a_table(several: list[RunView]) -> None:
    outline = Outline(render(several))
    assert {"run-1", "run-2", "run-3"} <= set(outline.ids)
    assert len(outline.ids) == len(set(outline.ids))
    assert "3 runs compared" in outline.text
    assert {f"#run-{index}" for index in (1, 2, 3)} <= set(outline.addresses)
    assert "This run is not finished" in outline.text


def test_a_report_on_an_empty_run_names_what_is_missing() -> None:
    outline = Outline(render([RunView("bare", {})]))
    assert "glassnet explain bare" in outline.text
    assert "is not on record" in outline.text


EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


def test_words_from_outside_stay_words() -> None:
    names = (EVIL, "&lt;b&gt;", '" onload="x', "{{ 7 * 7 }}", *synthetic.DIGITS[4:])
    run = make_run(names)
    run = replace(run, name=EVIL, info=run.info | {"command": EVIL, "config": {EVIL: EVIL}})
    animation = synthetic.animated_image_grid(2, row_names=(EVIL, "b") * 4, column_label=EVIL)
    animation = replace(animation, frame_names=(EVIL, '" onload="x'))
    bars = synthetic.bars((EVIL, '" onload="x'), muted_label=EVIL, reference_label=EVIL)
    run.findings.update({record.name: record for record in (animation, bars)})
    strip = synthetic_texts.highlighted_texts(
        synthetic_texts.highlighted_text(EVIL, caption=EVIL, note='" onload="x'),
        low_label=EVIL,
        value_label=EVIL,
    )
    words = replace(synthetic_texts.word_curve(), x_names=(EVIL, '" onload="x', "'"))
    units = replace(synthetic_texts.units(2, columns=2), column_names=(EVIL, '" onload="x'))
    run.findings.update({record.name: record for record in (strip, words, units)})
    html = render([run])
    outline = Outline(html)
    assert html.count("<script") == 1 + len(re.findall('type="application/json"', html))
    assert "<img src=x" not in html
    assert "{{ 7 * 7 }}" in outline.text
    assert EVIL in outline.text


def test_embedded_json_cannot_leave_its_element() -> None:
    text = embedded({"name": EVIL, "line": "\u2028"})
    assert "<" not in text
    assert json.loads(text) == {"name": EVIL, "line": "\\u2028"}


def test_the_policy_lets_nothing_out_and_only_our_script_run(run: RunView) -> None:
    html = render([run])
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    rules = dict(rule.split(" ", 1) for rule in policy.group(1).replace("&#39;", "'").split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert rules["script-src"].startswith("'sha256-")
    assert not re.search(r"\son\w+=", re.sub(r"<script.*?</script>", "", html, flags=re.S))


def test_a_report_on_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run"):
        write([], tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_a_scatter_without_its_examples_is_still_drawn(run: RunView) -> None:
    findings = {k: v for k, v in run.findings.items() if k != "examples"}
    html = render([replace(run, findings=findings)])
    assert 'data-scatter="points-run-1-tsne"' in html
    assert '<script type="application/json" id="examples' not in html


@pytest.mark.slow
def test_reporting_imports_no_torch(tmp_path: Path) -> None:
    program = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
import glassnet.report
assert "torch" not in sys.modules and "matplotlib" not in sys.modules
from synthetic_runs import make_drawing_run, make_run
glassnet.report.write([make_run()], __import__("pathlib").Path({str(tmp_path / "r.html")!r}))
assert "torch" not in sys.modules and "plotly" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
    assert (tmp_path / "r.html").stat().st_size > 100_000
