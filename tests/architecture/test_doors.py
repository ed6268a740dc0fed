"""Rule 5: doors build no query and save no row."""

import pytest

from tests.architecture import doors
from tests.architecture.conftest import Planted
from tests.architecture.house import SOURCE

BREAKAGES = [
    ("api/members.py", "def f(Member): return Member.objects.get(id=1)"),
    ("api/members.py", "def f(files): return files.filter(id=1)"),
    ("api/members.py", "def f(files): return list(files.order_by('id').values_list('id'))"),
    ("web/leave.py", "def f(member): member.save()"),
    ("web/leave.py", "def f(member): member.authorization_set"),
    ("web/leave.py", "def f(rows): return rows.values('id')"),
    ("web/leave.py", "class F:\n    def save(self): return super().save()"),
    ("web/leave.py", "def f(grant): grant.delete()"),
    ("web/leave.py", "from consentry_server.sharing.actions import Grant\nGrant.create()"),
    ("web/leave.py", "from django.db import transaction"),
    ("web/leave.py", "import django.db.models"),
    ("web/leave.py", "from django.db import IntegrityError"),
    ("web/leave.py", "from django.shortcuts import get_object_or_404"),
    ("web/forms.py", "from django.forms import ModelForm"),
    ("ops/demo.py", "def f(member): member.save()"),
    ("ops/demo.py", "def f(Member): return Member._default_manager"),
    ("staff/members.py", "class A:\n    def close(self, query): query.update_or_create(a=1)"),
    ("staff/members.py", "class A:\n    def names(self, query): return query.filter(a=1)"),
    ("staff/members.py", "class A:\n    def get_queryset(self, r): return r.member.save()"),
]

INNOCENT = [
    ("api/files.py", "from consentry_server.files import actions\nactions.delete(file_id=1)"),
    ("web/leave.py", "from consentry_server.sharing import queries\nqueries.first(member=1)"),
    ("web/leave.py", "def f(seen: dict): return seen.values()"),
    ("web/leave.py", "def f(seen: dict): return seen.get('a')"),
    ("api/answers.py", "from django.db import OperationalError"),
    ("ops/check.py", "from django.db import connection\nconnection.cursor().execute('select 1')"),
    (
        "staff/members.py",
        "class A:\n    def get_queryset(self, r): return super().get_queryset(r).filter(a=1)",
    ),
]


def test_doors_build_no_query_and_save_no_row() -> None:
    assert doors.queries_in_doors(SOURCE) == []


def test_templates_build_no_query() -> None:
    assert doors.queries_in_templates(SOURCE) == []


@pytest.mark.parametrize(("place", "text"), BREAKAGES)
def test_a_planted_query_or_write_is_caught(planted: Planted, place: str, text: str) -> None:
    planted.write(text, place)

    assert doors.queries_in_doors(planted.source)


@pytest.mark.parametrize(("place", "text"), INNOCENT)
def test_calls_of_actions_and_plain_dictionaries_are_left_alone(planted: Planted, place: str, text: str) -> None:
    planted.write(text, place)

    assert doors.queries_in_doors(planted.source) == []


@pytest.mark.parametrize(
    "line",
    [
        "{% for file in member.files.all %}",
        "{{ project.authorization_set.count }}",
        "{% if Member.objects %}",
    ],
)
def test_a_planted_query_in_a_template_is_caught(planted: Planted, line: str) -> None:
    planted.write(line, "web/templates/web/page.html")

    assert len(doors.queries_in_templates(planted.source)) == 1
