"""Findings as matplotlib figures for print."""
