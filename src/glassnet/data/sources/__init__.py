"""Data sources: the catalogue, downloads, mirrors and the cache."""
