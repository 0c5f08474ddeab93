"""Texts: reading tables and folders into splits, tokenizing."""
