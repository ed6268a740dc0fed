"""`project/message/` and `project/remove-members/`: writing to members, and ending what they share."""

from collections.abc import Callable

from consentry_server.api.answers import encode
from consentry_server.api.endpoint import Call, is_gone
from consentry_server.api.fields import Fields, read_fields
from consentry_server.common.errors import Invalid
from consentry_server.messaging import actions as messaging
from consentry_server.messaging.rules import Draft, split_numbers


def message(call: Call) -> tuple[int, bytes]:
    """Write to all members of the project, or to those that are listed. Each gets a mail of their own."""

    def write(fields: Fields) -> None:
        messaging.write(project_id=call.caller.project_id, draft=_draft(call, fields), actor=_actor(call), now=call.now)

    return _told(call, write)


def remove_members(call: Call) -> tuple[int, bytes]:
    """End what the listed members share with the project. Their files stay with them."""

    def remove(fields: Fields) -> None:
        numbers = _numbers(call, fields)
        messaging.remove_members(project_id=call.caller.project_id, numbers=numbers, actor=_actor(call), now=call.now)

    return _told(call, remove)


def _told(call: Call, act: Callable[[Fields], None]) -> tuple[int, bytes]:
    """Say how it went; here, and here only, the wire wraps what is wrong in `errors`."""
    fields = read_fields(call.request)
    try:
        act(fields)
    except Invalid as invalid:
        if is_gone(call, invalid):
            raise
        return 400, encode({"errors": invalid.faults})
    return 200, encode("success")


def _numbers(call: Call, fields: Fields) -> tuple[str, ...]:
    """Return who is meant; with an app's token it is its own member, whoever is named."""
    own = call.caller.number
    return (own,) if own else split_numbers(fields.every("project_member_ids"))


def _draft(call: Call, fields: Fields) -> Draft:
    return Draft(
        to_all=call.caller.number is None and fields.yes("all_members"),
        numbers=_numbers(call, fields),
        subject=(fields.exact("subject") or "").strip(),
        text=(fields.exact("message") or "").strip(),
    )


def _actor(call: Call) -> str:
    return f"token:{call.caller.fingerprint}"
