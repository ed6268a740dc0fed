"""Client for the HTTP API of a Consentry server."""

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("consentry")
