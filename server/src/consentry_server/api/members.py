"""`project/members/` and `project/exchange-member/`: who takes part, and what each of them shares."""

from json.encoder import encode_basestring as quote
from urllib.parse import quote_plus

from django.conf import settings

from consentry_server.api.answers import encode
from consentry_server.api.endpoint import Call
from consentry_server.api.paging import Page, page_of
from consentry_server.api.shapes import files_json, sources_json
from consentry_server.common.errors import Invalid
from consentry_server.files import actions as files
from consentry_server.files.queries import MemberRow
from consentry_server.sharing.rules import is_number

EXCHANGE = "/api/direct-sharing/project/exchange-member/"


def project_members(call: Call) -> tuple[int, bytes]:
    """Return a page of the project's members, each with the first ten files that they share."""
    page = page_of(call.request)
    members = files.read_members(call.caller, limit=page.limit, offset=page.offset, address=call.address, now=call.now)
    token = f"&access_token={quote_plus(call.query_token)}" if call.query_token else ""
    rows = ",".join(_member_json(member, token, call) for member in members)
    return 200, f'{_envelope(page, call.caller.members)}"results":[{rows}]}}'.encode()


def _envelope(page: Page, count: int) -> str:
    following, previous = encode(page.next(count)).decode(), encode(page.previous()).decode()
    return f'{{"count":{count},"next":{following},"previous":{previous},'


def _member_json(member: MemberRow, token: str, call: Call) -> str:
    username = quote(member.username) if member.username_shared else "null"
    link = f"{settings.SITE_URL}{EXCHANGE}?project_member_id={member.number}{token}"
    return (
        f'{{"created":"{member.created}","project_member_id":"{member.number}",'
        f'"message_permission":true,"username_shared":{"true" if member.username_shared else "false"},'
        f'"file_count":{member.file_count},"exchange_member":{quote(link)},'
        f'"sources_shared":{sources_json(member)},"username":{username},"data":{files_json(member, call.now)}}}'
    )


def exchange_member(call: Call) -> tuple[int, bytes]:
    """Return one member with a page of all the files that they share with the project."""
    page = page_of(call.request)
    number = call.request.GET.get("project_member_id")
    member = None
    if number is not None and is_number(number):
        member = files.read_member(
            call.caller,
            number,
            limit=page.limit,
            offset=page.offset,
            address=call.address,
            now=call.now,
        )
    if member is None:
        raise Invalid({"project_member_id": "project_member_id is invalid"})
    shared = "true" if member.username_shared else "false"
    username = f'"username":{quote(member.username)},' if member.username_shared else ""
    return 200, (
        f'{_envelope(page, member.file_count)}"created":"{member.created}",'
        f'"project_member_id":"{member.number}","message_permission":true,"username_shared":{shared},'
        f'"sources_shared":{sources_json(member)},{username}"data":{files_json(member, call.now)}}}'
    ).encode()
