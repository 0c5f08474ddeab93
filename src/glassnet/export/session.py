"""Sessions: ONNX Runtime opened on a file or its bytes. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from glassnet.errors import DataError, UsageError

Arrays = dict[str, np.ndarray]

FATAL = 4
"""What is logged: errors come back as exceptions, and are said in our words."""


class Session:
    """A graph that answers.

    Args:
        source: the file, or its bytes.

    Attributes:
        metadata: name -> text, as the file has it.
        inputs: name -> shape; lengths that are free are names.

    Raises:
        UsageError: onnxruntime is not installed.
        DataError: it is no ONNX file.
    """

    def __init__(self, source: Path | bytes) -> None:
        try:
            import onnxruntime
        except ImportError:
            raise UsageError(
                "onnxruntime is not installed, which an .onnx file needs",
                "install it with: pip install onnxruntime",
            ) from None
        options = onnxruntime.SessionOptions()
        options.log_severity_level = FATAL
        given = source if isinstance(source, bytes) else str(source)
        try:
            self._session = onnxruntime.InferenceSession(
                given, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the library has a type for each reason
            reason = str(error).strip().splitlines()[0][:200]
            raise DataError(
                f"{'the graph' if isinstance(source, bytes) else source}: cannot be opened as an "
                f"ONNX file ({reason})",
                "give a file that glassnet export wrote",
            ) from None
        self.metadata: Mapping[str, str] = self._session.get_modelmeta().custom_metadata_map
        self.inputs = {each.name: tuple(each.shape) for each in self._session.get_inputs()}
        self._outputs = [each.name for each in self._session.get_outputs()]

    def __call__(self, inputs: Arrays) -> Arrays:
        """Inputs by name to outputs by name."""
        return dict(zip(self._outputs, self._session.run(self._outputs, inputs), strict=True))
