"""Statistics: confidence intervals, rank statistics and principal components."""
