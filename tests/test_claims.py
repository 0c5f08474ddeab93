"""Every number that a finding says has its record, and every record is said."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from copies import copied
from generators import generator

from glassnet import progress
from glassnet.api import verbs
from glassnet.drawing.paper import figure
from glassnet.findings import (
    Animation,
    Claim,
    ClaimRecorder,
    Finding,
    HighlightedTexts,
    ImageGallery,
    Scatter,
)
from glassnet.findings.claims import count, interval, share
from glassnet.runs.folder import Run

SETTINGS = (
    r"95 %",
    r"10-NN",
    r"10 nearest neighbours",
    r"10-nearest-neighbour",
    r"5-fold",
    r"less than 50 % sure",
    r"over 90 % (?:sure|confidence)",
    r"within 10 % of their final form",
    r"than 99 % of|it is for 99 % of|and 1 % would",
    r"differ by 100 %",
    r"of 255",
    r"8-bit",
    r"pixels in \[0, 1\]",
    r"Mean over 0 to 50 % of the words",
    r"of at most 150 words",
    r"3 random orders",
    r"Between -3 and \+3",
    r"over 100 codes of the prior",
    r"\d+ (?:inner )?steps",
    r"of 200 walks|over 200 walks",
)
"""Settings of a measurement, inside the phrases in which they stand: they are no results."""

NUMERAL = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
"""A number; digits behind a letter belong to a name, as those of `pool2`."""


def texts_of(finding: Finding) -> Iterator[str]:
    """Its sentences: title, reading, and what stands under its parts."""
    yield finding.title
    yield finding.summary
    if isinstance(finding, Scatter):
        yield from (panel.note for panel in finding.panels)
    if isinstance(finding, Animation):
        for track in finding.tracks:
            yield from (*track.captions, track.drift_note)
            yield from (panel.note for panel in track.panels)
    if isinstance(finding, ImageGallery):
        yield from finding.captions
    if isinstance(finding, HighlightedTexts):
        for passage in finding.passages:
            yield passage.caption
            yield passage.note


def said(words: str) -> re.Pattern[str]:
    """Words of a claim as they stand in a text: not a part of a longer number."""
    return re.compile(rf"(?<![\d.,]){re.escape(words)}(?!\d|[.,]\d)")


def unclaimed(text: str, claims: tuple[Claim, ...], names: tuple[str, ...] = ()) -> list[str]:
    """The numerals of a text that neither a claim nor a setting nor a name explains."""
    text = re.sub(r"“[^”]*”", "“”", text)  # quoted words of texts may be numbers
    for name in names:
        text = text.replace(name, "")
    for setting in SETTINGS:
        text = re.sub(setting, "", text)
    for claim in sorted(claims, key=lambda claim: -len(claim.formatted)):
        text = said(claim.formatted).sub("", text)
    return NUMERAL.findall(text)


Seen = tuple[tuple[Finding, ...], dict[str, Any], str]
_seen: dict[str, Seen] = {}


def lettered(run: Run) -> verbs.TrainedRun:
    """The run with classes called by letters, so that a digit in a text is a number."""
    names = list(string.ascii_lowercase[: len(run.info["data"]["class_names"])])
    run.update(data=run.info["data"] | {"class_names": names})
    return verbs.load(run.path)


@pytest.fixture(params=["images", "texts", "plain", "conditional", "judged"])
def seen(
    request: pytest.FixtureRequest,
    digits: str,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Seen:
    """A run's findings, its results on the test set, and who judged; looked into once for all."""
    if request.param in _seen:
        return _seen[request.param]
    monkeypatch.setattr(figure, "draw", lambda record, folder: None)
    monkeypatch.setattr(progress, "quiet", True)
    trained: Path = request.getfixturevalue("trained_folder")
    if request.param == "images":
        run = Run.open(copied(trained, tmp_path))
    elif request.param == "texts":
        run = Run.open(copied(request.getfixturevalue("reader_folder"), tmp_path))
    elif request.param == "judged":
        copied(trained, tmp_path)
        run = generator("conditional", tmp_path, tmp_path_factory).run
    else:
        run = generator(request.param, tmp_path, tmp_path_factory).run
    trained_run = lettered(run)
    made = trained_run.explain(points=60).values()
    reference_classifier = trained_run.evidence.reference_classifier
    _seen[request.param] = (
        tuple(record for record in made if isinstance(record, Finding)),
        trained_run.evaluate(),
        reference_classifier.name if reference_classifier else "",
    )
    return _seen[request.param]


def test_every_number_that_a_finding_says_has_its_record(seen: Seen) -> None:
    found, _, reference_classifier = seen
    missing = {
        (finding.name, text): left
        for finding in found
        for text in texts_of(finding)
        if (
            left := unclaimed(
                text, finding.claims, (reference_classifier,) if reference_classifier else ()
            )
        )
    }
    assert missing == {}


def test_every_record_is_said_by_its_finding(seen: Seen) -> None:
    for finding in seen[0]:
        text = "\n".join(texts_of(finding))
        unsaid = [claim for claim in finding.claims if not said(claim.formatted).search(text)]
        assert unsaid == [], finding.name


def test_an_estimate_lies_within_its_interval(seen: Seen) -> None:
    for finding in seen[0]:
        for claim in finding.claims:
            if claim.low is not None and claim.high is not None:
                assert claim.low <= claim.value <= claim.high, (finding.name, claim)


def test_the_numbers_at_the_head_of_a_report_have_their_records(seen: Seen) -> None:
    _, test, _ = seen
    claims = tuple(Claim(**claim) for claim in test["claims"])
    text = "\n".join([test["sentence"], *("\n".join(row[1:]) for row in test["numbers"])])
    assert unclaimed(text, claims) == []
    assert all(said(claim.formatted).search(text) for claim in claims)


def test_a_sentence_and_its_records_are_made_together() -> None:
    told = ClaimRecorder()
    accuracy = share("accuracy", 97, 100)
    text = f"{told(accuracy)} ({told(interval(accuracy))}), over {told(count('examples', 100))}"
    assert text == "97.0 % (91.5 to 99.0 %), over 100"
    assert [claim.formatted for claim in told.claims] == ["97.0 %", "91.5 to 99.0 %", "100"]
    assert told(accuracy) == "97.0 %"
    assert len(told.claims) == 3


def test_a_number_without_a_record_is_found() -> None:
    claim = Claim(name="accuracy", value=0.971, formatted="97.1 %", n=1000)
    assert unclaimed("97.1 % at pool2 (95 % interval)", (claim,)) == []
    assert unclaimed("97.2 % at pool2", (claim,)) == ["97.2"]
    assert unclaimed("97.1 % of 1,000", (claim,)) == ["1,000"]
    assert unclaimed("197.1 % are not 97.1 %", (claim,)) == ["197.1"]
    assert unclaimed("“97” and conv1", ()) == []
