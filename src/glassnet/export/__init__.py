"""Export of trained networks: ONNX files, model folders with model cards, TensorBoard files."""

PARITY = ("auto", "test", "random")
"""The inputs on which a file is compared with its network: test examples if the data are there,
test examples in any case, or random inputs, which need no data."""
