"""Consentry: a home for people's data, opened by consent."""

__version__ = "0.1.0"
