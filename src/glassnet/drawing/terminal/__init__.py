"""Findings about one text, drawn in the terminal."""
