"""Requests to addresses that strangers chose: public ones only, no redirects, little time, few bytes."""

from consentry_server.outgoing.post import Answer, Unreachable, post
from consentry_server.outgoing.rules import Policy, fault
from consentry_server.outgoing.settings import policy

__all__ = ["Answer", "Policy", "Unreachable", "fault", "policy", "post"]
