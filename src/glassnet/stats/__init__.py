"""Statistics: confidence intervals, ranks and correlations."""
