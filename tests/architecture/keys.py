"""Foreign keys point down: string references escape every import check."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Model

from tests.architecture.house import PACKAGE, Layers, part


@dataclass(frozen=True)
class Key:
    table: str
    column: str
    target: str


def keys(models: Iterable[type[Model]]) -> list[Key]:
    """Every relation of our own tables: foreign keys, one-to-one, many-to-many, inheritance."""
    return [
        Key(full_name(model), field.name, full_name(field.related_model))
        for model in models
        if model.__module__.startswith(PACKAGE)
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]
        if isinstance(field.related_model, type)
    ]


def full_name(model: type[Model]) -> str:
    return f"{model.__module__}.{model.__qualname__}"


def climbing_keys(found: Iterable[Key], layers: Layers) -> list[str]:
    """Tables of Django and allauth are the ground: whoever points at them points down."""
    return [
        f"{key.table}.{key.column} points at {key.target}"
        for key in found
        if not layers.goes_down(part(key.table, 1), part(key.target, 1))
    ]
