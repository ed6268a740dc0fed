"""Reads of data types."""

from collections.abc import Collection, Iterable

from django.db.models import QuerySet

from consentry_server.datatypes.models import DataType
from consentry_server.datatypes.rules import About, Node, Tree, folded

_NODE = ("id", "name", "parent_id", "description", "uploadable")


def tree() -> Tree:
    """Return all data types in the order of their names. One statement."""
    return _tree(DataType.objects.all())


def held_tree() -> Tree:
    """Return the same, and keep every place in it until the transaction ends."""
    list(DataType.objects.select_for_update().order_by("id").values_list("id"))
    return tree()


def _tree(rows: QuerySet[DataType]) -> Tree:
    nodes = [Node(*row) for row in rows.values_list(*_NODE)]
    return {node.id: node for node in sorted(nodes, key=lambda node: folded(node.name))}  # databases sort differently


def by_id(datatype_id: int) -> DataType | None:
    """Return the data type with that id."""
    return DataType.objects.filter(id=datatype_id).first()


def about(datatype: DataType) -> About:
    """Return what is said about a data type."""
    return About(datatype.name, datatype.parent_id, datatype.description, datatype.uploadable, datatype.details)


def name_taken(key: str, *, besides: int | None) -> bool:
    """Say whether another data type has this name, in whatever case."""
    return DataType.objects.filter(name_key=key).exclude(id=besides or 0).exists()


def names(ids: Collection[int]) -> dict[int, str]:
    """Return the names of those of these ids that data types have."""
    return dict(DataType.objects.filter(id__in=ids).values_list("id", "name"))


def by_names(wanted: Iterable[str]) -> dict[str, int]:
    """Return the ids of data types by name; case and white space do not matter, and the name comes back as given."""
    keys = {name: folded(name) for name in wanted}
    found = dict(DataType.objects.filter(name_key__in=set(keys.values())).values_list("name_key", "id"))
    return {name: found[key] for name, key in keys.items() if key in found}


def uploadable() -> list[tuple[int, str, str]]:
    """Return id, name and description of the data types that files can be of."""
    rows = DataType.objects.filter(uploadable=True).order_by("name_key")
    return list(rows.values_list("id", "name", "description"))


def page(*, among: list[int] | None, uploadable: bool | None, limit: int, offset: int) -> tuple[int, list[DataType]]:
    """Return how many data types there are of those asked for, and a page of them by id."""
    rows = DataType.objects.order_by("id")
    if among is not None:
        rows = rows.filter(id__in=among)
    if uploadable is not None:
        rows = rows.filter(uploadable=uploadable)
    return rows.count(), list(rows[offset : offset + limit])
