"""Export of trained networks: ONNX files, model folders with model cards, TensorBoard files."""
