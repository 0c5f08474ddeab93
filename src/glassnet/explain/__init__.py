"""Views of a run: gathering evidence, running the views, verifying the claims."""
