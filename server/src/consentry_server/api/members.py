"""`project/members/` and `project/exchange-member/`: who takes part, and what each of them shares."""

from urllib.parse import quote_plus

from django.conf import settings

from consentry_server.api import shapes
from consentry_server.api.answers import encode
from consentry_server.api.endpoint import Call
from consentry_server.api.paging import page_of
from consentry_server.common.errors import Invalid
from consentry_server.files import actions as files
from consentry_server.sharing.rules import is_number

EXCHANGE = "/api/direct-sharing/project/exchange-member/"


def project_members(call: Call) -> tuple[int, bytes]:
    """Return a page of the project's members, each with the first ten files that they share."""
    page = page_of(call.request)
    members = files.read_members(call.caller, limit=page.limit, offset=page.offset, address=call.address, now=call.now)
    address = f"{settings.SITE_URL}{EXCHANGE}?project_member_id="
    token = f"&access_token={quote_plus(call.query_token)}" if call.query_token else ""
    shown = [shapes.listed(member, f"{address}{member.number}{token}", call.now) for member in members]
    count = call.caller.members
    return 200, encode(shapes.Members(count, page.next(count), page.previous(), shown))


def exchange_member(call: Call) -> tuple[int, bytes]:
    """Return one member with a page of all the files that they share with the project."""
    page = page_of(call.request)
    number = call.number(call.request.GET.get("project_member_id"))
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
    links = page.next(member.file_count), page.previous()
    return 200, encode(shapes.alone(member, links, call.now))
