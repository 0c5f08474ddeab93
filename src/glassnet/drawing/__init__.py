"""Drawing: each kind of finding once for paper and once for the screen."""
