"""scikit-learn estimators: networks fitted on arrays, data frames and columns of texts."""

from glassnet.estimators.checks import expected_failed_checks
from glassnet.estimators.images import VAE, CNNClassifier
from glassnet.estimators.texts import LSTMClassifier

__all__ = ["VAE", "CNNClassifier", "LSTMClassifier", "expected_failed_checks"]
