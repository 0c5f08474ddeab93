"""Every number in a finding's sentences has a claim, and every claim stands in a sentence."""

from __future__ import annotations

import string
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from generators import generator
from matplotlib.text import Text
from run_copies import copy_run
from sentences import sentences_of, states, unclaimed, unclaimed_in
from translation import translated

import glassnet as gn
from glassnet.drawing.paper import figure
from glassnet.drawing.screen import view
from glassnet.explain.verify import OTHER_MACHINE, SAME_MACHINE
from glassnet.findings import (
    METHOD_NAMES,
    Claim,
    ClaimRecorder,
    Finding,
    Scatter,
    count,
    interval,
    label,
    share,
)
from glassnet.findings.compare import differences
from glassnet.runs.folder import Run

Explained = tuple[tuple[Finding, ...], dict[str, Any], str]
_explained: dict[str, Explained] = {}


def with_lettered_classes(run: Run) -> gn.TrainedRun:
    """The run with letters as class names, so that a digit in a text is a number."""
    names = list(string.ascii_lowercase[: len(run.info["data"]["class_names"])])
    run.update(data=run.info["data"] | {"class_names": names})
    return gn.load(run.path)


@pytest.fixture(params=["images", "texts", "plain", "conditional", "reference classifier"])
def explained_run(
    request: pytest.FixtureRequest,
    digits: str,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    undrawn: list[str],
) -> Explained:
    """A run's findings, its test results and the reference classifier's name; made once for all."""
    if request.param in _explained:
        return _explained[request.param]
    trained: Path = request.getfixturevalue("trained_folder")
    if request.param == "images":
        run = Run.open(copy_run(trained, tmp_path))
    elif request.param == "texts":
        run = Run.open(copy_run(request.getfixturevalue("text_folder"), tmp_path))
    elif request.param == "reference classifier":
        copy_run(trained, tmp_path)
        run = generator("conditional", tmp_path, tmp_path_factory).run
    else:
        run = generator(request.param, tmp_path, tmp_path_factory).run
    trained_run = with_lettered_classes(run)
    made = trained_run.explain(points=60).values()
    reference_classifier = trained_run.evidence.reference_classifier
    _explained[request.param] = (
        tuple(record for record in made if isinstance(record, Finding)),
        trained_run.evaluate(),
        reference_classifier.name if reference_classifier else "",
    )
    return _explained[request.param]


def test_every_number_in_a_finding_has_a_claim(explained_run: Explained) -> None:
    found, _, reference_classifier = explained_run
    names = (reference_classifier,) if reference_classifier else ()
    missing = {
        finding.name: numerals for finding in found if (numerals := unclaimed_in(finding, names))
    }
    assert missing == {}


def test_every_claim_stands_in_a_sentence_of_its_finding(explained_run: Explained) -> None:
    for finding in explained_run[0]:
        text = "\n".join(sentences_of(finding))
        missing = [claim for claim in finding.claims if not states(text, claim)]
        assert missing == [], finding.name


def test_an_estimate_lies_within_its_interval(explained_run: Explained) -> None:
    for finding in explained_run[0]:
        for claim in finding.claims:
            if claim.low is not None and claim.high is not None:
                assert claim.low <= claim.value <= claim.high, (finding.name, claim)


def test_the_numbers_at_the_top_of_a_report_have_claims(explained_run: Explained) -> None:
    _, test, _ = explained_run
    claims = tuple(Claim(**claim) for claim in test["claims"])
    text = "\n".join([test["sentence"], *("\n".join(row[1:]) for row in test["numbers"])])
    assert unclaimed(text, claims) == []
    assert all(states(text, claim) for claim in claims)


def test_in_other_words_findings_compare_and_draw_as_before(explained_run: Explained) -> None:
    """A number is found by its fields, and a figure is drawn from them, not from sentences."""
    for finding in explained_run[0]:
        other = translated(finding)
        assert not set(string.ascii_letters) & {*other.title, *other.summary}
        for tolerance in (SAME_MACHINE, OTHER_MACHINE):
            assert list(differences(other, translated(finding), "", tolerance)) == []
            if not finding.claims:
                continue
            altered = replace(other.claims[0], value=other.claims[0].value * 2 + 1000)
            changed = replace(other, claims=(altered, *other.claims[1:]))
            (found,) = differences(changed, other, "", tolerance)
            assert found.field == label(altered)
        before, after = view.view(finding), view.view(other)
        assert before.keys() == after.keys()
        for key in ("labels", "distortion", "example_indices"):
            values = [(drawn.get("data") or {}).get(key) for drawn in (before, after)]
            assert values[0] == values[1]


def test_in_other_words_every_kind_of_finding_is_drawn_on_paper(explained_run: Explained) -> None:
    for finding in {type(finding): finding for finding in explained_run[0]}.values():
        drawn = figure.figure(translated(finding))
        assert any(text.get_text() for text in drawn.findobj(Text))


def test_claims_say_where_they_were_measured(explained_run: Explained) -> None:
    """The layer and the projection of a map's numbers are fields of their claims."""
    found = {finding.name: finding for finding in explained_run[0]}
    for method in METHOD_NAMES:
        scatter = found[method]
        assert isinstance(scatter, Scatter)
        for panel in scatter.panels:
            on_map = {
                claim.name: claim
                for claim in scatter.claims
                if (claim.layer, claim.method) == (panel.label, method)
            }
            accuracy = on_map["10-NN accuracy"]
            assert accuracy.value == panel.numbers["neighbour_accuracy_plane"]
            for score in panel.quality_scores:
                claim = on_map[score.name.replace("_", " ")]
                assert (claim.value, claim.low, claim.high, claim.n) == (
                    *(score.value, score.low, score.high, score.n),
                )
            assert all(claim.method == method for claim in on_map.values())
    epochs = {claim.epoch for claim in found["animation"].claims} - {None}
    assert epochs == set(found["animation"].epochs)  # type: ignore[attr-defined]
    networks = {claim.network for claim in found["control-networks-pca"].claims} - {None}
    assert "untrained" in networks


def test_a_recorder_collects_the_claims_of_a_sentence() -> None:
    record = ClaimRecorder()
    accuracy = share("accuracy", 97, 100)
    text = (
        f"{record(accuracy)} ({record(interval(accuracy))}), over {record(count('examples', 100))}"
    )
    assert text == "97.0 % (91.5 to 99.0 %), over 100"
    assert [claim.formatted for claim in record.claims] == ["97.0 %", "91.5 to 99.0 %", "100"]
    assert record(accuracy) == "97.0 %"
    assert len(record.claims) == 3


def test_a_number_without_a_claim_is_found() -> None:
    claim = Claim(name="accuracy", value=0.971, formatted="97.1 %", n=1000)
    assert unclaimed("97.1 % at pool2 (95 % interval)", (claim,)) == []
    assert unclaimed("97.2 % at pool2", (claim,)) == ["97.2"]
    assert unclaimed("97.1 % of 1,000", (claim,)) == ["1,000"]
    assert unclaimed("197.1 % are not 97.1 %", (claim,)) == ["197.1"]
    assert unclaimed("“97” and conv1", ()) == []
