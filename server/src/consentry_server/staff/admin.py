"""Found by Django when it starts; registers every module of this room with the staff site."""

from consentry_server.staff import audit, files, members, projects, sharing, tokens

__all__ = ["audit", "files", "members", "projects", "sharing", "tokens"]
