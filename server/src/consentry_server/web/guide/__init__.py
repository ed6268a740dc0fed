"""The pages for researchers and makers of apps, with the values of the reader's own project in every line."""

from consentry_server.web.guide.pages import page

__all__ = ["page"]
