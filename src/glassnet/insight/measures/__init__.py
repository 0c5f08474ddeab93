"""Measures: numbers from activations, predictions and the training log."""
