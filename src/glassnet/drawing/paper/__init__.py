"""Figures for paper, one module per kind of finding (matplotlib)."""
