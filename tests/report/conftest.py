from __future__ import annotations

import pytest
import synthetic
from synthetic_runs import make_drawing_run, make_run, make_text_run

from glassnet.class_labels import class_labels
from glassnet.report import RunView, write


@pytest.fixture(scope="session")
def run() -> RunView:
    return make_run()


@pytest.fixture(scope="session")
def drawing_run() -> RunView:
    return make_drawing_run()


@pytest.fixture(scope="session")
def text_run() -> RunView:
    return make_text_run()


@pytest.fixture(scope="session")
def trio(run: RunView, drawing_run: RunView, text_run: RunView) -> list[RunView]:
    """Runs of three families of networks: of images and of texts."""
    return [run, drawing_run, text_run]


@pytest.fixture(scope="session")
def pair(run: RunView, drawing_run: RunView) -> list[RunView]:
    """Runs of two families of networks, as the demo's report has them."""
    return [run, drawing_run]


@pytest.fixture(scope="session")
def several() -> list[RunView]:
    other = make_run(
        synthetic.CLOTHES, name="cnn-fashion-mnist-20260301-111500", status="interrupted"
    )
    return [make_run(), other, RunView("bare", {})]


@pytest.fixture(scope="session")
def address(run: RunView, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write([run], tmp_path_factory.mktemp("report") / "report.html").as_uri()


@pytest.fixture(scope="session")
def long_address(several: list[RunView], tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(several, tmp_path_factory.mktemp("report") / "several.html").as_uri()


@pytest.fixture(scope="session")
def hostile_names_address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A run whose classes have long names in several scripts, which views make labels of."""
    names = ("n" * 200, "ภาพถ่ายของดอกไม้" * 12, "👩‍🔬🌺" * 40, "one\nline " * 20, "猫" * 80, "x")
    one = make_run(class_labels(names))
    one.info["data"]["class_names"] = list(names)
    return write([one], tmp_path_factory.mktemp("report") / "names.html").as_uri()


@pytest.fixture(scope="session")
def pair_address(pair: list[RunView], tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(pair, tmp_path_factory.mktemp("report") / "pair.html").as_uri()


@pytest.fixture(scope="session")
def text_report_url(text_run: RunView, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write([text_run], tmp_path_factory.mktemp("report") / "reading.html").as_uri()


@pytest.fixture(scope="session")
def trio_address(trio: list[RunView], tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(trio, tmp_path_factory.mktemp("report") / "trio.html").as_uri()
