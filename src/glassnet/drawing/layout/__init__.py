"""Layouts that paper and screen share, one per kind of finding."""
