"""Training: one loop that names no task."""
