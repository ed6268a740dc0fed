"""Rule 3 (no web library, clock or settings in the domain) and the five file names."""

import subprocess
import sys

import pytest

from tests.architecture import rooms
from tests.architecture.conftest import Planted
from tests.architecture.house import PACKAGE, ROOT, SOURCE, Layers

SERVER = f"server/src/{PACKAGE}"


def banned(text: str, place: str) -> str:
    """What ruff says about a text that stands at a place of the repository."""
    answer = subprocess.run(
        [
            sys.executable, "-m", "ruff", "check", "--no-cache", "--select=TID251",
            "--output-format=concise", f"--stdin-filename={SERVER}/{place}", "-",
        ],
        cwd=ROOT, input=text, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return answer.stdout


def test_domain_files_import_only_what_their_name_allows(layers: Layers) -> None:
    assert rooms.misplaced_imports(SOURCE, layers) == []


def test_the_domain_knows_no_web_no_clock_and_no_settings() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--select=TID251", "--ignore-noqa", SERVER],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize("app", ["members", "projects", "sharing", "tokens", "files", "messaging"])
@pytest.mark.parametrize(
    "text",
    [
        "from django.http import HttpResponse\nHttpResponse()",
        "from django import http\nhttp.HttpResponse()",
        "from django.shortcuts import redirect\nredirect('/')",
        "from django.conf import settings\nsettings.DEBUG",
        "from datetime import datetime, UTC\ndatetime.now(UTC)",
        "import datetime as dt\ndt.datetime.now(dt.UTC)",
        "import time\ntime.time()",
        "from django.utils import timezone\ntimezone.now()",
        "from django.utils.timezone import now\nnow()",
        "import os\nos.environ['HOME']",
    ],
)
def test_a_planted_web_import_clock_or_setting_is_caught(app: str, text: str) -> None:
    assert "TID251" in banned(text, f"{app}/actions.py")
    assert "TID251" in banned(text, f"{app}/actions/joining.py")


@pytest.mark.parametrize("room", ["config", "web", "api", "ops", "outbox", "mail"])
def test_other_rooms_may_use_the_web_the_clock_and_the_settings(room: str) -> None:
    text = "from django.http import HttpResponse\nfrom django.conf import settings\n"

    assert "TID251" not in banned(text, f"{room}/front.py")


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("sharing/models.py", "from consentry_server.members import queries"),
        ("sharing/models.py", "from consentry_server.audit import front"),
        ("sharing/models.py", "from consentry_server import database"),
        ("sharing/rules.py", "from consentry_server.sharing.models import Grant"),
        ("sharing/rules.py", "from consentry_server.members import rules"),
        ("sharing/queries.py", "from consentry_server.members import rules"),
        ("sharing/queries.py", "from . import actions"),
        ("sharing/queries.py", "from consentry_server.members import actions"),
        ("sharing/queries.py", "from ..members.models import Member"),
        ("sharing/actions.py", "from consentry_server.members import rules"),
        ("sharing/actions.py", "from consentry_server.members.models import Member"),
        ("sharing/actions.py", "from consentry_server.outbox.models import Effect"),
        ("sharing/actions.py", "from consentry_server.files import queries"),
        ("sharing/actions.py", "import consentry_server.members"),
        ("sharing/__init__.py", "from consentry_server.sharing.models import Grant"),
        ("sharing/extra.py", "from consentry_server.sharing import models"),
    ],
)
def test_a_planted_misplaced_import_is_caught(planted: Planted, layers: Layers, place: str, line: str) -> None:
    planted.write(line, place)

    assert len(rooms.misplaced_imports(planted.source, layers)) == 1


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("sharing/models.py", "from consentry_server.common import front"),
        ("sharing/queries.py", "from consentry_server.sharing.models import Grant"),
        ("sharing/queries.py", "from consentry_server.sharing import rules"),
        ("sharing/queries.py", "from consentry_server import database"),
        ("sharing/queries.py", "from consentry_server.members import queries as members"),
        ("sharing/actions.py", "from consentry_server.sharing import models, queries, rules"),
        ("sharing/actions.py", "from consentry_server.members import actions, queries"),
        ("sharing/actions.py", "from consentry_server.outbox import front"),
        ("sharing/actions/leaving.py", "from . import joining"),
    ],
)
def test_a_rightly_placed_import_is_left_alone(planted: Planted, layers: Layers, place: str, line: str) -> None:
    planted.write(line, place)

    assert rooms.misplaced_imports(planted.source, layers) == []
