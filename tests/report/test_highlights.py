"""The choice of the findings that matter most, and the parts that sections belong to."""

from __future__ import annotations

from dataclasses import replace

import synthetic

from glassnet import findings
from glassnet.report import RunView, sections
from glassnet.report.highlights import COUNT, QUESTIONS, highlights


def named(*names: str) -> dict[str, findings.Finding]:
    return {name: replace(synthetic.curves(3), name=name) for name in names}


def test_each_question_has_one_finding_in_the_order_of_the_questions() -> None:
    records = named("worst-mistakes", "confusion-matrix", "scores", "probe-map", "separability")
    assert [each.name for each in highlights(records)] == [
        "scores",
        "probe-map",
        "confusion-matrix",
    ]


def test_the_best_finding_that_exists_stands_for_a_question() -> None:
    assert [each.name for each in highlights(named("separability"))] == ["separability"]


def test_there_are_five_at_most() -> None:
    every = named(*(name for names in QUESTIONS for name in names))
    chosen = [each.name for each in highlights(every)]
    assert chosen == [names[0] for names in QUESTIONS[:COUNT]]


def test_what_stands_out_comes_before_what_does_not() -> None:
    every = named(*(name for names in QUESTIONS for name in names))
    for name in (*QUESTIONS[1], "confusion-matrix"):
        every[name] = replace(every[name], stands_out=False)
    chosen = [each.name for each in highlights(every)]
    mistakes = QUESTIONS[2][1]
    assert mistakes != "confusion-matrix"
    first = [QUESTIONS[0][0], mistakes, *(QUESTIONS[k][0] for k in (3, 4, 5))]
    assert chosen == first, "another finding answers the third question, and none the second"


def test_a_place_that_is_left_is_for_what_does_not_stand_out() -> None:
    records = named("scores", "probe-map", "shifts")
    records["probe-map"] = replace(records["probe-map"], stands_out=False)
    assert [each.name for each in highlights(records)] == ["scores", "probe-map", "shifts"]


def test_examples_are_no_finding() -> None:
    examples = replace(synthetic.examples(4), name="scores")
    assert highlights({"scores": examples}) == ()


def test_every_section_belongs_to_one_part_or_to_the_overview() -> None:
    keys = [key for _, keys in sections.PARTS.values() for key in keys]
    assert sorted([*keys, *sections.OVERVIEW]) == sorted([*findings.SECTIONS, "other"])


def test_a_part_without_sections_is_left_out_but_the_provenance_is_there() -> None:
    finding = synthetic.image_grid()
    found = sections.chapter(RunView("r", {}, {finding.name: finding})).parts
    assert [part.key for part in found] == ["generated", "provenance"]
