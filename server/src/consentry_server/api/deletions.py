"""`files/delete/`: a project deletes files that it brought to a member."""

from consentry_server.api.answers import encode
from consentry_server.api.endpoint import Call
from consentry_server.api.fields import Fields, read_fields
from consentry_server.common.errors import Invalid
from consentry_server.files import actions as files
from consentry_server.files.actions import Choice

_ONE_OF = "one of file_id, file_basename, or all_files is required"


def delete(call: Call) -> tuple[int, bytes]:
    """Delete one file, all of one name, or all that the project brought to a member."""
    fields = read_fields(call.request)
    number = call.number(fields.text("project_member_id"))
    if number is None:
        raise Invalid({"project_member_id": ["This field is required."]})
    choice = _choice(fields)
    if isinstance(choice, str):
        files.check_member(call.caller.project_id, number)
        raise Invalid({choice: _ONE_OF})
    ids = files.delete_deposited(call.caller.project_id, number, choice, now=call.now)
    return 200, encode({"ids": ids})


def _choice(fields: Fields) -> Choice | str:
    """Return what to delete, or the name of the fault if not exactly one thing is named."""
    file_id, all_files = fields.number("file_id"), fields.yes("all_files")
    basename = fields.exact("file_basename")
    named = sum((bool(file_id), bool(basename), all_files))
    if named != 1:
        return "too_many" if named else "missing_field"
    return Choice(file_id or None, basename or None, all_files)
