"""Found by Django when it starts; registers every module of this room with the staff site."""

from consentry_server.staff import audit, clients, files, members, messaging, outbox, projects, sharing, tokens

__all__ = ["audit", "clients", "files", "members", "messaging", "outbox", "projects", "sharing", "tokens"]
