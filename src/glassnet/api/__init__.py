"""The Python interface: training, resuming and loading runs and models."""
