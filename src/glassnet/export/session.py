"""ONNX Runtime session on the bytes of a file. Imports no torch."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from glassnet.errors import DataError, UsageError

Arrays = dict[str, np.ndarray]

LOG_FATAL = 4
"""Log level of ONNX Runtime: its errors are raised as exceptions, with messages of our own."""


class Session:
    """A callable ONNX graph.

    Args:
        content: the bytes of the file.
        path: the file, for errors; None for a graph that was just exported.

    Attributes:
        metadata: key -> text, as in the file.
        inputs: name -> shape; an axis of variable length is a name.

    Raises:
        UsageError: onnxruntime is not installed.
        DataError: it is not an ONNX file.
    """

    def __init__(self, content: bytes, path: Path | None = None) -> None:
        try:
            import onnxruntime
        except ImportError:
            raise UsageError(
                "onnxruntime is not installed, and an .onnx file needs it",
                "install it with: pip install onnxruntime",
            ) from None
        options = onnxruntime.SessionOptions()
        options.log_severity_level = LOG_FATAL
        try:
            self._session = onnxruntime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the library has a type for each reason
            reason = str(error).strip().splitlines()[0][:200]
            raise DataError(
                f"cannot be opened as an ONNX file ({reason})",
                "give a file that glassnet export wrote",
                path or "the exported graph",
            ) from None
        self.metadata: Mapping[str, str] = self._session.get_modelmeta().custom_metadata_map
        self.inputs = {node.name: tuple(node.shape) for node in self._session.get_inputs()}
        self._outputs = [node.name for node in self._session.get_outputs()]

    def __call__(self, inputs: Arrays) -> Arrays:
        """Compute the outputs, by name, for inputs by name."""
        return dict(zip(self._outputs, self._session.run(self._outputs, inputs), strict=True))
