"""Export: a trained network as one ONNX file, checked against it, and asked without torch."""
