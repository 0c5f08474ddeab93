"""What `import glassnet` offers is what it says it offers, and every name is explained."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib import metadata

import pytest

import glassnet
from glassnet.api import verbs as api

PUBLIC = sorted(set(glassnet.__all__) - {"__version__"})


def test_all_is_what_can_be_reached() -> None:
    assert dir(glassnet) == sorted(glassnet.__all__)
    assert len(set(glassnet.__all__)) == len(glassnet.__all__)
    for name in glassnet.__all__:
        assert getattr(glassnet, name) is not None


def test_a_star_import_gives_every_name() -> None:
    space: dict[str, object] = {}
    exec("from glassnet import *", space)
    assert set(glassnet.__all__) <= set(space)


def test_every_verb_of_the_api_is_public() -> None:
    verbs = {
        name
        for name, value in vars(api).items()
        if getattr(value, "__module__", "") == api.__name__ and not name.startswith("_")
    }
    assert verbs <= set(glassnet.__all__)


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        _ = glassnet.trian


def test_the_version_is_the_packages() -> None:
    assert glassnet.__version__ == metadata.version("glassnet")


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_documented(name: str) -> None:
    words = inspect.getdoc(getattr(glassnet, name)) or ""
    assert words.partition("\n")[0].rstrip().endswith((".", "?")), "one sentence comes first"
    assert "Example:" in words or "Raises:" in words


@pytest.mark.parametrize(
    "name", [name for name in PUBLIC if inspect.isfunction(getattr(glassnet, name))]
)
def test_every_argument_of_a_public_function_is_explained(name: str) -> None:
    function = getattr(glassnet, name)
    words = inspect.getdoc(function) or ""
    arguments = [*inspect.signature(function).parameters]
    if len(arguments) > 2:
        for argument in arguments:
            assert f"{argument}:" in words, f"{name} does not say what {argument} is"


@pytest.mark.parametrize("kind", [api.TrainedRun, glassnet.GlassnetError], ids=lambda k: k.__name__)
def test_every_public_member_of_a_class_is_documented(kind: type) -> None:
    for name, member in vars(kind).items():
        if not name.startswith("_") and (callable(member) or isinstance(member, property)):
            assert inspect.getdoc(member), f"{kind.__name__}.{name}"


def test_importing_glassnet_costs_nothing() -> None:
    code = (
        "import sys, glassnet; dir(glassnet); "
        "heavy = {'torch', 'numpy', 'matplotlib', 'sklearn', 'click'} & set(sys.modules); "
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
