"""Comparison of runs: paired differences, where they disagree, and how similar their layers are."""
