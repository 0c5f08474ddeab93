"""Small neural networks you can see through.

    import glassnet as gn

    run = gn.train("cnn", data="mnist")     # train, evaluate once on the test set
    run.results["test"]["accuracy"]
    run.figure("tsne")                      # a matplotlib figure
    run.report()                            # one HTML file
    gn.compare(run, "cnn-mnist-2").report() # paired differences, maps, layers

    group = gn.train("cnn", data="mnist", seeds=5)   # five runs, side by side
    group.results["test"]["accuracy"]["sd"]

    run = gn.load("runs/cnn-mnist-...")     # or a model folder, or an .onnx file
    run.predict(images)                     # (n, 28, 28) uint8 -> (n,) class numbers

    clf = gn.CNNClassifier(random_state=0).fit(X, y)   # inside scikit-learn
    clf.transform(X, layer="pool2")

    with gn.capture(module, ["layer3"]) as activations:   # any torch module
        module(inputs)
    activations["layer3"]

The names below are imported at first use, so that `import glassnet` is fast.
"""

import importlib
from importlib import metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glassnet.api.comparing import compare
    from glassnet.api.loading import load
    from glassnet.api.run_predictor import RunPredictor
    from glassnet.api.trained_group import TrainedGroup
    from glassnet.api.trained_run import TrainedRun
    from glassnet.api.verbs import resume, train
    from glassnet.errors import GlassnetError
    from glassnet.estimators import VAE, CNNClassifier, LSTMClassifier, expected_failed_checks
    from glassnet.explain.report_files import write_report
    from glassnet.inference.activations import capture
    from glassnet.inference.predictor import Predictor

__all__ = [
    "VAE",
    "CNNClassifier",
    "GlassnetError",
    "LSTMClassifier",
    "Predictor",
    "RunPredictor",
    "TrainedGroup",
    "TrainedRun",
    "__version__",
    "capture",
    "compare",
    "expected_failed_checks",
    "load",
    "resume",
    "train",
    "write_report",
]

_MODULES = {
    "VAE": "glassnet.estimators",
    "CNNClassifier": "glassnet.estimators",
    "GlassnetError": "glassnet.errors",
    "LSTMClassifier": "glassnet.estimators",
    "Predictor": "glassnet.inference.predictor",
    "RunPredictor": "glassnet.api.run_predictor",
    "TrainedGroup": "glassnet.api.trained_group",
    "TrainedRun": "glassnet.api.trained_run",
    "capture": "glassnet.inference.activations",
    "compare": "glassnet.api.comparing",
    "expected_failed_checks": "glassnet.estimators",
    "load": "glassnet.api.loading",
    "resume": "glassnet.api.verbs",
    "train": "glassnet.api.verbs",
    "write_report": "glassnet.explain.report_files",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return metadata.version("glassnet")
    if name in _MODULES:
        from glassnet import parallel

        parallel.limit_libraries()  # has an effect where torch is not imported yet
        return getattr(importlib.import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'glassnet' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
