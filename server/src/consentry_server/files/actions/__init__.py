"""What can be done with data files, a module a journey."""

from consentry_server.files.actions.badges import badge, set_badge
from consentry_server.files.actions.deleting import (
    Choice,
    delete_deposited,
    delete_own,
    delete_own_from,
    erase_deleted,
    remove_unknown,
)
from consentry_server.files.actions.leaving import close_account, leave, suspend
from consentry_server.files.actions.reading import (
    read_file,
    read_member,
    read_members,
    readable_by_link,
    still_open,
)
from consentry_server.files.actions.storing import Upload, check_member, deposit, stage, store

__all__ = [
    "Choice",
    "Upload",
    "badge",
    "check_member",
    "close_account",
    "delete_deposited",
    "delete_own",
    "delete_own_from",
    "deposit",
    "erase_deleted",
    "leave",
    "read_file",
    "read_member",
    "read_members",
    "readable_by_link",
    "remove_unknown",
    "set_badge",
    "stage",
    "still_open",
    "store",
    "suspend",
]
