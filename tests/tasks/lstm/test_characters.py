"""A table in Chinese from training to export: said where it is trained, and never spaced out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from calls import write_table

import glassnet as gn
from glassnet.api.run_predictor import RunPredictor
from glassnet.report.header import header
from glassnet.tasks.lstm.network import LSTMTextClassifier
from glassnet.tasks.lstm.presets import Config

NICE, POOR = ("服务很好", "房间干净", "味道不错"), ("服务很差", "房间很脏", "味道太咸")
WITHOUT_CLASS = "早餐有7种，iPhone手机能付款"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> gn.TrainedRun:
    folder = tmp_path_factory.mktemp("chinese")
    rows = [
        (f"{start}，{k}楼{WITHOUT_CLASS}", label)
        for label, starts in (("nice", NICE), ("poor", POOR))
        for start in starts
        for k in range(20)
    ]
    write_table(folder / "hotels.csv", [("text", "label"), *rows])
    options: dict[str, Any] = {"embedding_dim": 4, "hidden_size": 4, "ngram_buckets": 256}
    return gn.train("lstm", data=str(folder / "hotels.csv"), runs=folder / "runs", **options)


def test_training_run_json_and_report_say_that_characters_are_tokens(
    run: gn.TrainedRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.info["data"]["tokens"] == "characters"
    assert "Each character is a token" in " ".join(header(run.name, run.info).lead)
    options: dict[str, Any] = {"epochs": 1, "embedding_dim": 2, "hidden_size": 2, "evaluate": False}
    gn.train("lstm", data=run.info["data"]["name"], runs=tmp_path, **options)
    assert "each character is a token" in capsys.readouterr().err


def test_it_learns_and_scores_longer_ngrams_than_of_words(run: gn.TrainedRun) -> None:
    assert run.results["test"]["errors"] == 0
    network, config = run.model.network, run.model.config
    assert isinstance(network, LSTMTextClassifier)
    assert isinstance(config, Config)
    assert network.ngrams is not None
    assert len(network.ngrams.scores) == config.max_ngram + 1


def test_a_text_is_cut_between_characters_and_reads_as_it_was(run: gn.TrainedRun) -> None:
    pieces = run.vocabulary.pieces(WITHOUT_CLASS)
    assert "".join(pieces) == WITHOUT_CLASS
    assert pieces[3:5] == ("7", "种")
    assert "iPhone" in pieces


def test_an_exported_file_has_the_same_tokens(run: gn.TrainedRun, tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    run.export(tmp_path / "hotels.onnx")
    exported = gn.load(tmp_path / "hotels.onnx")
    texts = [f"{NICE[0]}，7天", f"{POOR[1]}！ok"]
    assert exported.info.input["tokens"] == "characters"
    ours = RunPredictor(run.run).outputs(texts)["probabilities"]
    assert exported.predict_proba(texts) == pytest.approx(ours, abs=1e-4)
    assert [row.argmax() for row in ours] == [0, 1]
