"""Training, resuming and loading runs from Python."""
