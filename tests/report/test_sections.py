from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import synthetic
from synthetic_runs import make_drawing_run, make_info

from glassnet import findings
from glassnet.report import RunView, formatting, sections


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_chapter_starts_with_the_result(run: RunView) -> None:
    story = sections.chapter(run)
    assert plain(story.title) == "cnn on mnist: 99.34 % of 10,000 test examples right"
    lead = plain(" ".join(story.lead))
    assert "15 epochs on 54,000 examples in 10 classes" in lead
    assert "epoch 12, chosen by validation loss (0.0347 on 6,000 held-out examples)" in lead
    assert "10,000 test examples played no part in this choice" in lead
    assert story.notices == ()


def test_key_numbers_carry_their_interval(run: RunView) -> None:
    numbers = {number.label: number for number in sections.chapter(run).numbers}
    assert list(numbers) == ["Test accuracy", "Errors", "Parameters", "Training time"]
    assert plain(numbers["Test accuracy"].note) == "95 % interval 99.16–99.48 %"
    assert plain(numbers["Training time"].value) == "2 min 52 s"


def test_sections_are_in_the_order_of_the_report(run: RunView) -> None:
    keys = [section.key for section in sections.chapter(run).sections]
    assert keys == ["result", "network", "training", "layers", "mistakes"]


def test_a_finding_of_an_unknown_section_is_still_shown() -> None:
    odd = replace(synthetic.table(), section="latent space")
    story = sections.chapter(RunView("r", {}, {odd.name: odd}))
    assert story.sections[-1].findings == (odd,)


def test_an_unknown_choice_claims_nothing_more() -> None:
    info = make_info(best={"epoch": 3, "value": 0.1}, config={})
    assert "played no part" not in " ".join(sections.chapter(RunView("r", info)).lead)


def test_a_monitor_of_several_words_is_read_as_words() -> None:
    config = {"monitor": "negative_elbo"}
    info = make_info(best={"epoch": 3, "value": 97.31}, config=config)
    lead = " ".join(sections.chapter(RunView("r", info)).lead)
    assert "chosen by validation negative elbo (97.31 on 6,000 held-out examples)" in lead


def test_a_chapter_uses_the_results_that_the_task_names(drawing_run: RunView) -> None:
    story = sections.chapter(drawing_run)
    assert story.title.startswith("vae on mnist: 86.91 nats per test image at most")
    labels = [number.label for number in story.numbers]
    assert labels == [
        *("Negative log-likelihood", "Negative ELBO", "Dimensions used"),
        *("Parameters", "Training time"),
    ]
    assert [section.title for section in story.sections][2:4] == [
        "What it generates",
        "The latent space",
    ]
    assert story.notices == ()


def test_a_run_on_texts_has_sections_of_its_own(text_run: RunView) -> None:
    titles = [section.title for section in sections.chapter(text_run).sections]
    assert titles[2:4] == ["How it reads a text", "What it learned about words"]


def test_every_section_has_a_title() -> None:
    assert set(sections.TITLES) == set(findings.SECTIONS)


def test_results_without_words_leave_the_title_at_what_was_trained() -> None:
    info = make_info(results={"test": {"n": 500, "bits_per_pixel": 0.1234}})
    story = sections.chapter(RunView("r", info))
    assert story.title == "cnn on mnist"
    assert [number.label for number in story.numbers] == ["Parameters", "Training time"]


def test_missing_parts_have_a_notice_with_a_command(tmp_path: Path) -> None:
    info = make_info(status="interrupted", epochs_done=4, results={})
    story = sections.chapter(RunView("r", info, {}, tmp_path))
    words = plain(" ".join(words for words, _ in story.notices))
    assert "status: interrupted after 4 of 15 epochs" in words
    assert "hasn't been evaluated on the test set" in words
    assert "no findings yet" in words
    assert [command for _, command in story.notices] == [
        f"glassnet train --resume {tmp_path}",
        "glassnet evaluate r",
        "glassnet explain r",
    ]


def test_one_finding_is_enough_to_have_no_notice() -> None:
    info, finding = make_info(), synthetic.image_grid()
    assert sections.chapter(RunView("r", info, {finding.name: finding})).notices == ()
    examples = synthetic.examples(20)
    requested = sections.chapter(RunView("r", info, {examples.name: examples})).notices
    assert [command for _, command in requested] == ["glassnet explain r"]


def without(info: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """A copy of nested facts without one of its keys."""
    head, rest = path[0], path[1:]
    if not rest:
        return {key: value for key, value in info.items() if key != head}
    return info | {head: without(info[head], rest)}


INFO = make_drawing_run().info
PATHS = [
    *((key,) for key in INFO),
    *((key, inner) for key, value in INFO.items() if isinstance(value, dict) for inner in value),
    *(("results", "test", key) for key in INFO["results"]["test"]),
]


@pytest.mark.parametrize("path", PATHS, ids=".".join)
def test_any_fact_may_be_missing(path: tuple[str, ...]) -> None:
    info = without(INFO, path)
    story = sections.chapter(RunView("r", info))
    assert story.title
    assert sections.comparison([RunView("r", info), RunView("s", {})])[1]


@pytest.mark.parametrize("path", [path for path in PATHS if len(path) == 1], ids=".".join)
def test_any_fact_may_be_null(path: tuple[str, ...]) -> None:
    assert sections.chapter(RunView("r", INFO | {path[0]: None})).title


def test_the_comparison_leaves_empty_columns_out(several: list[RunView]) -> None:
    columns, rows = sections.comparison(several)
    names = [name for name, _ in columns]
    assert names[0] == "run"
    assert "test accuracy" in names
    assert [row[0][0] for row in rows] == [run.name for run in several]
    only = sections.comparison([RunView("a", {}), RunView("b", {})])[0]
    assert [name for name, _ in only] == ["run"]


def test_runs_of_one_kind_are_compared_by_their_main_number(several: list[RunView]) -> None:
    columns, rows = sections.comparison(several)
    place = columns.index(("test accuracy", True))
    assert columns[place + 1] == ("note", False)
    assert rows[0][place] == ("99.34 %", 0.9934)
    assert rows[0][place + 1][0] == "95 % interval 99.16–99.48 %"
    assert rows[2][place][0] == ""


def test_runs_of_different_kinds_name_their_number(pair: list[RunView]) -> None:
    columns, rows = sections.comparison(pair)
    place = columns.index(("on the test set", False))
    assert [row[place][0] for row in rows] == [
        "Test accuracy: 99.34 %",
        "Negative log-likelihood: 86.91 nats",
    ]
    assert "note" not in [name for name, _ in columns]


def test_an_abbreviation_stays_in_capitals() -> None:
    test = {"numbers": [["ELBO", "90 nats", ""]]}
    info = make_info(results={"test": test})
    columns, _ = sections.comparison([RunView("a", info), RunView("b", info)])
    assert ("ELBO", True) in columns


def test_a_report_on_several_runs_is_named_by_them(
    run: RunView, several: list[RunView], pair: list[RunView], trio: list[RunView]
) -> None:
    assert sections.overview(pair) == "cnn on mnist and vae on mnist"
    assert sections.overview(trio) == "cnn on mnist, vae on mnist and lstm on imdb"
    assert sections.overview([run, run]) == "2 runs of cnn on mnist"
    assert sections.overview(several) == "3 runs compared"
    assert sections.overview([RunView(name, {}) for name in "abcd"]) == "4 runs compared"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("it is 99.1 % of all", "it is 99.1_% of all"),
        ("86.91 nats at most", "86.91_nats at most"),
        ("1 nat", "1_nat"),
        ("in nats, or %", "in nats, or %"),
        ("3 nations", "3 nations"),
    ],
)
def test_a_number_keeps_its_unit(text: str, words: str) -> None:
    assert formatting.keep_units(text).replace("\N{NO-BREAK SPACE}", "_") == words


def test_everything_to_reproduce_a_run_is_there(run: RunView) -> None:
    rows = dict(sections.chapter(run).reproduction)
    assert rows["Seed"] == "1"
    assert rows["Data fingerprint"].startswith("ba891046")
    assert "torch 2.13.0" in rows["Versions"]
    assert "7.8 GiB memory" in rows["Hardware"]
    assert "Git commit" not in rows
    assert ("optim.betas", "0.9, 0.99") in sections.chapter(run).config


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.24, "0.2 s"),
        (9.96, "10 s"),
        (59.7, "1 min 0 s"),
        (172.4, "2 min 52 s"),
        (7300, "2 h 1 min"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert plain(formatting.duration(seconds)) == words


def test_a_run_view_needs_little() -> None:
    view = RunView("r", {})
    assert view.findings == {}
    assert view.folder is None or isinstance(view.folder, Path)
