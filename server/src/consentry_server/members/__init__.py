"""Accounts of the people whose data this is."""
