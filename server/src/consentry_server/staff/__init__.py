"""The pages of those who run this installation: Django's admin, one module per domain app."""
