"""The live page and its JSON API: a local server that follows run folders.

A training is a process of its own, and its run folder is all that the server knows of it.
"""
