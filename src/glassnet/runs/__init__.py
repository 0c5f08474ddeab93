"""Runs: one folder per training, the only channel between training and everything that looks."""
