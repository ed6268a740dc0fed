"""The forms of bearer tokens."""

MASTER = "csm"  # first letters of a master access token
