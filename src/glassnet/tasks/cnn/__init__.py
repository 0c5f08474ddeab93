"""The image classifier."""
