"""A project writes to its members, who stay unknown to it, and a member to a project."""
