"""The reader of texts."""
