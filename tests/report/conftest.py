import pytest
import synthetic
from synthetic_runs import make_run

from glassnet.report import RunView


@pytest.fixture(scope="session")
def run():
    return make_run()


@pytest.fixture(scope="session")
def several():
    other = make_run(
        synthetic.CLOTHES, name="cnn-fashion-mnist-20260301-111500", status="interrupted"
    )
    return [make_run(), other, RunView("bare", {})]
