"""Image generators on the page: codes, samples, the map of codes, and images between two others."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from generators import generator
from serving import Site, served

import glassnet as gn
from glassnet import png
from glassnet.web import layer_maps

pytestmark = pytest.mark.slow


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(layer_maps, "N_POINTS", 60)
    with served(tmp_path) as site:
        yield site


@pytest.fixture
def plain(tmp_path: Path, digits: str, tmp_path_factory: pytest.TempPathFactory) -> gn.TrainedRun:
    return generator("plain", tmp_path, tmp_path_factory)


@pytest.fixture
def conditional(
    tmp_path: Path, digits: str, tmp_path_factory: pytest.TempPathFactory
) -> gn.TrainedRun:
    return generator("conditional", tmp_path, tmp_path_factory)


def posted(site: Site, run: gn.TrainedRun, path: str, **content: Any) -> Any:
    answer = site.ask(f"/api/runs/{run.name}/{path}", content)
    assert answer.status == 200, answer.json
    return answer.json


def prepared(site: Site, run: gn.TrainedRun) -> Any:
    end = time.monotonic() + 240
    while (maps := site.ask(f"/api/runs/{run.name}/maps")).status == 202:
        assert time.monotonic() < end
        time.sleep(0.1)
    return maps.json


def test_codes_are_decoded_and_images_encoded(plain: gn.TrainedRun, site: Site) -> None:
    code = [0.5, -1.0, 0.0, 2.0]
    result = posted(site, plain, "decode", codes=[code, [0, 0, 0, 0]])
    expected = plain.decode(np.array([code], np.float32))
    assert result["images"][0] == png.data_uri(expected[0])
    assert result["images"][0] != result["images"][1]
    images = plain.data.test.inputs[:2]
    files = [base64.b64encode(png.encode(image)).decode() for image in images]
    encoded = posted(site, plain, "encode", images=files)
    assert encoded["codes"] == pytest.approx(plain.encode(images), abs=1e-4)
    assert encoded["inputs"] == [png.data_uri(image) for image in images]


def test_a_seed_gives_the_images_of_generate(plain: gn.TrainedRun, site: Site) -> None:
    images = posted(site, plain, "decode", seed=3, count=2)["images"]
    assert images == [png.data_uri(image) for image in plain.generate(2, seed=3)]


def test_a_point_of_the_map_is_decoded(plain: gn.TrainedRun, site: Site) -> None:
    maps = prepared(site, plain)
    assert [each["number"] for each in maps["dimensions"]] != []
    kl = [each["kl"] for each in maps["dimensions"]]
    assert kl == sorted(kl, reverse=True)
    places = plain.data.subsample(60, 0)
    own = plain.encode(plain.data.test.inputs[places])
    for method in ("tsne", "pca"):
        point = maps["maps"][method]["points"][7]
        result = posted(site, plain, "decode", position={"method": method, "point": point})
        code = np.array(result["codes"][0])
        if method == "tsne":  # rounded coordinates, so that other points have a little weight
            assert np.abs(code - own[7]).max() < 0.5 * own.std(axis=0).max()
        else:
            assert (
                np.linalg.norm(code - own.mean(axis=0))
                <= np.linalg.norm(own[7] - own.mean(axis=0)) + 0.1
            )


def test_a_class_is_sampled(plain: gn.TrainedRun, conditional: gn.TrainedRun, site: Site) -> None:
    prepared(site, plain)
    zero, one = (posted(site, plain, "decode", seed=0, count=20, **{"class": k}) for k in "01")
    places = plain.data.subsample(60, 0)
    codes, labels = plain.encode(plain.data.test.inputs[places]), plain.data.test.labels[places]
    for label, result in enumerate((zero, one)):
        mean, spread = (getattr(codes[labels == label], name)(axis=0) for name in ("mean", "std"))
        assert np.abs(np.mean(result["codes"], axis=0) - mean).max() < 1.2 * spread.max()
    own = posted(site, conditional, "decode", seed=2, **{"class": "3"})
    assert own["images"] == [png.data_uri(conditional.generate(1, seed=2, label="3")[0])]


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("decode", {"codes": []}, "cannot be decoded"),
        ("decode", {"codes": [[1, 2]]}, "cannot be decoded"),
        ("decode", {"codes": [[1, 2, 3, "a"]]}, "no lists of numbers"),
        ("decode", {"codes": [[1, 2, 3, 1e9]]}, "cannot be decoded"),
        ("decode", {"codes": [[1, 2, 3, None]]}, "cannot be decoded"),
        ("decode", {"codes": [[0, 0, 0, 0]] * 65}, "cannot be decoded"),
        ("decode", {"codes": "x"}, "no lists of numbers"),
        ("decode", {"codes": [[0, 0, 0, 0]], "class": 3}, "must be the name of a class"),
        ("decode", {"codes": [[0, 0, 0, 0]], "class": "ten"}, "no class 'ten'"),
        ("decode", {"seed": -1}, "`seed`"),
        ("decode", {"seed": 1.5}, "`seed`"),
        ("decode", {"seed": 2**70}, "`seed`"),
        ("decode", {"count": 65}, "`count`"),
        ("decode", {"count": 0}, "`count`"),
        ("encode", {}, "predicts images"),
        ("encode", {"images": ["QQ=="]}, "unknown image format"),
        ("encode", {"images": ["QQ=="] * 65}, "too many images"),
        ("inspect", {"image": "QQ=="}, "does not predict classes"),
    ],
)
def test_contents_that_cannot_be_used(
    plain: gn.TrainedRun, site: Site, path: str, content: Any, message: str
) -> None:
    answer = site.ask(f"/api/runs/{plain.name}/{path}", content)
    assert answer.status == 400, answer.body
    assert message in answer.json["error"]
    assert answer.json["hint"]


def test_points_that_are_none(plain: gn.TrainedRun, site: Site) -> None:
    prepared(site, plain)
    for position in (
        *(3, {}, {"method": "umap", "point": [1, 2]}, {"method": ["pca"], "point": [1, 2]}),
        *({"method": "pca", "point": point} for point in (None, [1], [1, "2"], [1, 1e9])),
    ):
        answer = site.ask(f"/api/runs/{plain.name}/decode", {"position": position})
        assert answer.status == 400, position
        assert answer.json["hint"]
