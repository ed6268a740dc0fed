"""Sphinx: the handbook, written in MyST Markdown."""

project = "Consentry"
author = "the Consentry contributors"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "Consentry"
exclude_patterns = ["_build", "pictures.py"]
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence", "deflist"]
