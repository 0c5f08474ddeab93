"""Reference classifier: a classifier trained on the same data that scores generated images."""

import numpy as np

from glassnet import tasks
from glassnet.contract import CLASSES, Family
from glassnet.run_model import LoadedNetwork
from glassnet.runs.folder import Run, all_runs


class RunReferenceClassifier:
    """The network of a classifier's run, as `contract.ReferenceClassifier`."""

    def __init__(self, run: Run) -> None:
        self.name, self.model = run.name, LoadedNetwork(run)
        self.layer = self.model.feature_layer

    def features(self, images: np.ndarray) -> np.ndarray:
        """(n, features) float32."""
        return self.model.activations(self.model.inputs_of(images), [self.layer])[self.layer]

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """(n, classes) float32."""
        return self.model.predict(self.model.inputs_of(images))[CLASSES]


def find_reference_classifier(run: Run) -> Run | None:
    """Find the newest finished classifier on the same data among the runs beside this one."""
    wanted = {key: run.info["data"][key] for key in ("fingerprint", "input_shape")}
    candidates = [
        other
        for other in all_runs(run.root)
        if other.name != run.name
        and other.info.get("status") == "finished"
        and wanted.items() <= other.info["data"].items()
        and is_classifier(other)
    ]
    return max(
        candidates, key=lambda other: (other.info.get("started", ""), other.name), default=None
    )


def is_classifier(run: Run) -> bool:
    """Whether the network of a run is a classifier."""
    return (
        run.info["task"] in tasks.names()
        and tasks.load(run.info["task"]).family == Family.CLASSIFIER
    )
