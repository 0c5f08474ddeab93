"""Figures for the page, one module per kind of finding (plain values for HTML and scripts)."""
