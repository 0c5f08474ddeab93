"""Insight: from examples, activations, predictions and the log to findings."""
