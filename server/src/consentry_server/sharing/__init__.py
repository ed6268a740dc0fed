"""Consent, and what follows from it: authorizations and grants; join, change, leave, remove."""
