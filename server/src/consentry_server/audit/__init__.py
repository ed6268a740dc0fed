"""The append-only trail of what happened: who did what to what, and when."""
