"""What can be done with data files, a module a journey."""

from consentry_server.files.actions.adding import Addition, add_own
from consentry_server.files.actions.archiving import Given, Reader, read_all
from consentry_server.files.actions.badges import badge, set_badge
from consentry_server.files.actions.beginning import Begun, awaited, begin, offer
from consentry_server.files.actions.completing import complete
from consentry_server.files.actions.deleting import (
    Choice,
    delete_deposited,
    delete_own,
    delete_own_from,
    erase_deleted,
    forget_unknown,
    remove_unknown,
)
from consentry_server.files.actions.ending import abandon_uploads, give_up, give_up_all
from consentry_server.files.actions.leaving import close_account, leave, suspend
from consentry_server.files.actions.looking import look_into
from consentry_server.files.actions.reading import (
    Gathering,
    Line,
    read_elsewhere,
    read_file,
    read_inside,
    read_links,
    read_member,
    read_members,
    readable_by_links,
    still_open,
    tag_elsewhere,
    write_ledger,
)
from consentry_server.files.actions.repeating import forget_keys
from consentry_server.files.actions.resuming import (
    Part,
    Progress,
    WrongPart,
    check_brought_to,
    end_upload,
    progress,
    receive,
)
from consentry_server.files.actions.scrubbing import Checked, check_next
from consentry_server.files.actions.storing import Upload, check_member, deposit, stage, store
from consentry_server.files.actions.typing import datatypes_of, edit_datatype

__all__ = [
    "Addition",
    "Begun",
    "Checked",
    "Choice",
    "Gathering",
    "Given",
    "Line",
    "Part",
    "Progress",
    "Reader",
    "Upload",
    "WrongPart",
    "abandon_uploads",
    "add_own",
    "awaited",
    "badge",
    "begin",
    "check_brought_to",
    "check_member",
    "check_next",
    "close_account",
    "complete",
    "datatypes_of",
    "delete_deposited",
    "delete_own",
    "delete_own_from",
    "deposit",
    "edit_datatype",
    "end_upload",
    "erase_deleted",
    "forget_keys",
    "forget_unknown",
    "give_up",
    "give_up_all",
    "leave",
    "look_into",
    "offer",
    "progress",
    "read_all",
    "read_elsewhere",
    "read_file",
    "read_inside",
    "read_links",
    "read_member",
    "read_members",
    "readable_by_links",
    "receive",
    "remove_unknown",
    "set_badge",
    "stage",
    "still_open",
    "store",
    "suspend",
    "tag_elsewhere",
    "write_ledger",
]
