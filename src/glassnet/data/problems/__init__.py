"""Problems that a data set may have: duplicates, near duplicates, classes with few examples."""
