"""Data types: a tree of what files can be about, kept by all members together."""
