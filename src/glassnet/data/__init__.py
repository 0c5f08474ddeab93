"""Data sets: read, checked and divided into training, validation and test splits."""
