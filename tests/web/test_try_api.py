"""The API behind the page's inputs: inspected images and texts, maps and their preparation."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from serving import Site, served, small_maps

import glassnet as gn
from glassnet import png
from glassnet.runs.folder import Run
from glassnet.web import layer_maps, probe_calibration, typed_texts

pytestmark = pytest.mark.slow


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    small_maps(monkeypatch)
    (tmp_path / "runs").mkdir(exist_ok=True)
    with served(tmp_path / "runs") as site:
        yield site


def encoded(image: np.ndarray) -> str:
    return base64.b64encode(png.encode(image)).decode()


def drawing() -> np.ndarray:
    """A 1, off the centre of a pad."""
    pad = np.zeros((280, 280), np.uint8)
    pad[30:160, 60:80] = 255
    return pad


def prepared(site: Site, run: Run) -> Any:
    """The maps of a run, as soon as they are ready."""
    end = time.monotonic() + 240
    while (maps := site.ask(f"/api/runs/{run.name}/maps")).status == 202:
        assert maps.json["state"] == "preparing"
        assert 0 <= maps.json["share"] < 1
        assert time.monotonic() < end
        time.sleep(0.1)
    assert maps.status == 200
    return maps.json


def inspected(site: Site, run: Run, **content: Any) -> Any:
    answer = site.ask(f"/api/runs/{run.name}/inspect", content)
    assert answer.status == 200, answer.json
    return answer.json


def test_a_page_learns_what_a_network_takes(trained: Run, text_classifier: Run, site: Site) -> None:
    images = site.ask(f"/api/runs/{trained.name}/network").json
    assert images["modality"] == "images"
    assert images["family"] == "classifier"
    assert images["input_shape"] == [1, 28, 28]
    assert images["centres_drawings"] is True
    texts = site.ask(f"/api/runs/{text_classifier.name}/network").json
    assert texts["modality"] == "texts"
    assert texts["classes"] == ["negative", "positive"]


def test_an_image_passes_through_every_layer(trained: Run, site: Site) -> None:
    model = gn.load(trained.path)
    image = model.data.test.inputs[:1]
    result = inspected(site, trained, image=encoded(image[0]))
    expected = model.predict_proba(image)[0]
    assert list(result["prediction"]["probabilities"].values()) == pytest.approx(expected, abs=1e-5)
    layers = {layer["name"]: layer for layer in result["layers"]}
    assert list(layers)[-1] in ("pool2", "output")
    maps = layers["pool1"]["feature_maps"]
    means = model.transform(image, "pool1").reshape(maps["shape"]).mean(axis=(1, 2))
    assert maps["channels"] == np.argsort(-means, kind="stable")[:16].tolist()
    assert maps["image"].startswith("data:image/png;base64,")


def test_an_input_lands_among_its_like(trained: Run, site: Site) -> None:
    model = gn.load(trained.path)
    maps = prepared(site, trained)
    assert maps["state"] == "ready"
    assert not maps["explained"]
    assert len(maps["labels"]) == 60
    assert maps["training"] == {"searched": 200, "all": len(model.data.train)}
    places = model.data.subsample(60, 0)
    by_layer = {layer["name"]: layer for layer in maps["layers"]}
    assert list(by_layer) == ["input", *model.model.task.layers]
    assert by_layer["pool2"]["probe_accuracy"] > 0.5
    error = by_layer["pool2"]["maps"]["tsne"]["error"]
    assert 0 < error["distance"] < 0.5
    assert error["n"] == 60
    for number in (0, 17, 59):
        image = model.data.test.inputs[places[number]]
        result = inspected(site, trained, image=encoded(image))
        for layer in result["layers"]:
            for method, landed in layer.get("maps", {}).items():
                own = by_layer[layer["name"]]["maps"][method]["points"][number]
                assert landed["point"] == pytest.approx(own, abs=2), (layer["name"], method)


def test_a_training_image_is_its_own_nearest_and_the_probe_is_linear(
    trained: Run, site: Site
) -> None:
    model = gn.load(trained.path)
    prepared(site, trained)
    maps = layer_maps.build(model, lambda step, share: None)
    label = int(maps.train_labels[5])
    result = inspected(site, trained, image=encoded(maps.train_inputs[5]))
    for layer in result["layers"]:
        if "neighbours" in layer:
            assert layer["neighbours"]["distances"][0] == pytest.approx(0, abs=1.5)
            assert layer["neighbours"]["classes"][0] == str(label)
            assert layer["neighbours"]["distances"] == sorted(layer["neighbours"]["distances"])
    found = maps.layers["pool2"]
    features = model.transform(maps.train_inputs[5:6], "pool2")
    pool2 = next(layer for layer in result["layers"] if layer["name"] == "pool2")
    scores = (features @ found.weights + found.bias)[0]
    assert pool2["probe"]["class"] == str(scores.argmax())
    assert sum(pool2["probe"]["probabilities"].values()) == pytest.approx(1)


def test_the_probabilities_of_probes_are_calibrated(trained: Run, site: Site) -> None:
    """On the test points they are right as often as they say, within what 300 points can show."""
    model = gn.load(trained.path)
    shown = prepared(site, trained)
    assert shown["calibration"] == len(model.data.valid)
    built = layer_maps.build(model, lambda step, share: None)
    maps = probe_calibration.calibrated(model, built)
    test = model.data.test
    features = model.transform(test.inputs, "pool2")
    confidence, raw, correct = [], [], []
    for row, label in zip(features, test.labels, strict=True):
        probabilities = maps.probe("pool2", row[None])
        correct.append(probabilities.argmax() == label)
        confidence.append(probabilities.max())
        raw.append(built.probe("pool2", row[None]).max())
    accuracy = np.mean(correct)
    assert np.mean(confidence) == pytest.approx(accuracy, abs=0.08)
    assert np.mean(raw) < accuracy - 0.4


def test_the_maps_of_an_explained_run_are_those_of_its_findings(trained: Run, site: Site) -> None:
    found = gn.load(trained.path).explain(points=40, methods=["pca"], draw=False)
    maps = prepared(site, trained)
    assert maps["explained"]
    panel = found["pca"].panels[0]
    shown = maps["layers"][1]
    assert shown["name"] == panel.label
    assert list(shown["maps"]) == ["pca"]
    assert shown["maps"]["pca"]["error"] is None
    points = layer_maps.scaled(panel.points, panel.points)
    assert shown["maps"]["pca"]["points"] == pytest.approx(points, abs=0.51)


def test_drawings_are_centred_where_the_training_images_were(trained: Run, site: Site) -> None:
    result = inspected(site, trained, image=encoded(drawing()), drawn=True)
    assert result["centred"]
    as_it_is = inspected(site, trained, image=encoded(drawing()))
    assert not as_it_is["centred"]
    assert as_it_is["input"] != result["input"]
    digit = gn.load(trained.path).data.test.inputs[3]
    for drawn in (True, False):
        same = inspected(site, trained, image=encoded(digit), drawn=drawn)["input"]
        assert same == png.data_uri(digit)
    paper = inspected(site, trained, image=encoded(230 - drawing() // 2), drawn=True)
    assert paper["prediction"]["class"] == result["prediction"]["class"]
    predicted = site.ask(
        f"/api/runs/{trained.name}/predict", {"images": [encoded(drawing())], "drawn": True}
    ).json["predictions"][0]
    assert predicted["class"] == result["prediction"]["class"]
    assert predicted["probability"] == pytest.approx(result["prediction"]["probability"], abs=1e-5)


def test_the_words_of_a_text(text_classifier: Run, site: Site) -> None:
    text = "the film was superb and Zorblax, awful"
    result = inspected(site, text_classifier, text=text)
    assert "".join(word["text"] for word in result["words"]) == text
    values = {word["text"].strip(): word["value"] for word in result["words"]}
    assert values["superb"] > 0 > values["awful"]
    assert not next(w for w in result["words"] if w["text"].startswith("Zorblax"))["known"]
    attribution = result["attribution"]
    total = sum(word["value"] for word in result["words"])
    change = attribution["end"] - attribution["start"]
    assert abs(total - change) == pytest.approx(attribution["error"], abs=1e-6)
    assert attribution["error"] < 0.02 * change
    assert [branch["name"] for branch in attribution["branches"]] == ["LSTM", "n-grams"]
    assert sum(branch["value"] for branch in attribution["branches"]) == pytest.approx(total)
    after = result["after_each_word"]
    assert after["places"] == list(range(len(result["words"])))
    last = dict(zip(after["classes"], after["probabilities"][-1], strict=True))
    assert last == pytest.approx(result["prediction"]["probabilities"], abs=1e-3)
    assert "before" not in result


def test_a_long_text_has_contributions_in_bounded_time(
    text_classifier: Run, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the words that the network reads; the more they are, the fewer gradients."""
    text = "the film was superb and nice, " * 100 + "but awful"
    result = inspected(site, text_classifier, text=text)
    head = result["gap"] + 1
    read, whole = result["words"], gn.load(text_classifier.path).vocabulary.pieces(text[:600])
    assert len(read) == 400
    assert 0 < head < 400
    assert [word["text"].strip() for word in read[:50]] == [piece.strip() for piece in whole[:50]]
    assert read[-1]["text"] == "awful"
    assert read[-1]["value"] < 0 < read[3]["value"]
    assert result["attribution"]["steps"] == 32
    monkeypatch.setattr(typed_texts, "LONG", 100)
    fewer = inspected(site, text_classifier, text=text)
    assert fewer["attribution"]["steps"] == 8
    values = [[word["value"] for word in each["words"]] for each in (result, fewer)]
    assert np.corrcoef(values)[0, 1] > 0.99
    places = fewer["after_each_word"]["places"]
    assert len(places) == 100
    assert places[-1] == 399
    assert inspected(site, text_classifier, text="superb")["gap"] is None


def test_a_dropped_word_is_not_read(text_classifier: Run, site: Site) -> None:
    whole = inspected(site, text_classifier, text="the film was superb and awful")
    dropped = [5, 99, 10**30, -1]  # beyond the text, all but the first
    result = inspected(site, text_classifier, text="the film was superb and awful", dropped=dropped)
    without = inspected(site, text_classifier, text="the film was superb and")
    assert result["before"] == whole["prediction"]
    assert result["prediction"]["class"] == without["prediction"]["class"]
    assert result["prediction"]["probabilities"] == pytest.approx(
        without["prediction"]["probabilities"], abs=1e-6
    )
    assert result["words"][5]["value"] is None
    assert result["after_each_word"]["places"] == [0, 1, 2, 3, 4]
    prepared(site, text_classifier)
    shown = inspected(site, text_classifier, text="the film was superb and awful", dropped=[5])
    same = inspected(site, text_classifier, text="the film was superb and")
    assert [layer["neighbours"] for layer in shown["layers"]] == [
        layer["neighbours"] for layer in same["layers"]
    ]
    assert len(shown["layers"][0]["neighbours"]["texts"]) == 5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "no image to inspect"),
        ({"image": 3}, "no image to inspect"),
        ({"image": ["QQ=="]}, "no image to inspect"),
        ({"text": "a"}, "no image to inspect"),
        ({"image": "%"}, "not in base64"),
        ({"image": base64.b64encode(b"no image").decode()}, "unknown image format"),
        ({"image": encoded(np.zeros((280, 280), np.uint8)), "drawn": True}, "drawing is empty"),
    ],
)
def test_images_that_cannot_be_inspected(
    trained: Run, site: Site, content: Any, message: str
) -> None:
    answer = site.ask(f"/api/runs/{trained.name}/inspect", content)
    assert answer.status == 400
    assert message in answer.json["error"]
    assert answer.json["hint"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"image": "QQ=="}, "no text to inspect"),
        ({"text": ""}, "has no words"),
        ({"text": "?" * 100_001}, "100,001 characters"),
        ({"text": "zorblax"}, "knows no word"),
        ({"text": "good", "dropped": [0]}, "all words are dropped"),
        ({"text": "good", "dropped": 0}, "a list of places"),
        ({"text": "good", "dropped": ["0"]}, "a list of places"),
        ({"text": "good", "dropped": [True]}, "a list of places"),
    ],
)
def test_texts_that_cannot_be_inspected(
    text_classifier: Run, site: Site, content: Any, message: str
) -> None:
    answer = site.ask(f"/api/runs/{text_classifier.name}/inspect", content)
    assert answer.status == 400
    assert message in answer.json["error"]
    assert answer.json["hint"]


def test_without_its_data_a_run_has_no_maps(text_classifier: Run, site: Site) -> None:
    gone = str(text_classifier.path / "gone")
    text_classifier.update(data=text_classifier.info["data"] | {"name": gone})
    maps = prepared(site, text_classifier)
    assert maps["state"] == "failed"
    assert "cannot be used any more" in maps["error"]
    assert maps["hint"]
    result = inspected(site, text_classifier, text="a good film")
    assert result["prediction"]["class"] == "positive"
    assert result["layers"] == []


def test_a_run_without_weights_says_so(trained: Run, site: Site) -> None:
    trained.best.unlink()
    for path, content in (("network", None), ("maps", None), ("inspect", {"image": "QQ=="})):
        answer = site.ask(f"/api/runs/{trained.name}/{path}", content)
        assert answer.status == 400
        assert "has no weights yet" in answer.json["error"]
