"""Findings as plain values for the report's templates and scripts."""
