"""Data: bytes become whole, verified splits."""
