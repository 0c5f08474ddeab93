"""Layouts that paper and screen share, one module per kind of finding."""
