"""Many at once, each in a thread and a connection of its own, with real commits."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import own_database

ROOT = Path(__file__).parents[2]


def race(name: str, folder: Path, script: str = "races.py") -> str:
    with own_database(folder) as database:
        environment = os.environ | {
            "DATA": str(folder),
            "DATABASE": database,
            "PYTHONPATH": str(ROOT),
        }
        done = subprocess.run(
            [sys.executable, Path(__file__).with_name(script), name],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_248_forty_at_once_for_the_last_place_let_exactly_one_in(tmp_path: Path) -> None:
    assert race("cap", tmp_path) == "1 20 20"


@pytest.mark.slow
def test_022_eight_replacements_at_once_leave_one_token_and_seven_conflicts(tmp_path: Path) -> None:
    assert race("rotate", tmp_path) == "1 7 1"


@pytest.mark.slow
def test_187_of_two_data_types_moved_under_each_other_at_once_one_moves(tmp_path: Path) -> None:
    assert race("tree", tmp_path) == "{'moved refused'} 7 81"


@pytest.mark.slow
def test_085_eight_clicks_at_once_make_one_member(tmp_path: Path) -> None:
    assert race("join", tmp_path) == "1 1 1"


@pytest.mark.slow
def test_257_eight_workers_at_once_take_each_effect_once(tmp_path: Path) -> None:
    assert race("lease", tmp_path) == "400 400"


@pytest.mark.slow
def test_257_eight_at_once_write_one_message_send_one_last_answer_and_remove_once(tmp_path: Path) -> None:
    assert race("write", tmp_path) == "8 1 1 1 2 0"


@pytest.mark.slow
def test_250_twelve_completions_at_once_are_one(tmp_path: Path) -> None:
    assert race("complete", tmp_path) == "{'70000'} 70000 True True 1 70000 0"


@pytest.mark.slow
def test_029_eight_ends_of_one_sharing_at_once_are_told_once(tmp_path: Path) -> None:
    assert race("leave", tmp_path) == "1 0"


@pytest.mark.slow
def test_260_sixteen_writers_at_once_are_all_served(tmp_path: Path) -> None:
    assert race("deposit", tmp_path) == "16 320 320 960"


@pytest.mark.slow
def test_215_sixteen_requests_at_once_with_one_key_make_one_file(tmp_path: Path) -> None:
    assert race("retry", tmp_path) == "2 True 1 2 1"


@pytest.mark.slow
def test_253_what_is_widened_while_it_is_approved_is_never_listed_and_a_review_is_decided_once(tmp_path: Path) -> None:
    assert race("review", tmp_path, "review_races.py") == "{True} 0 0 1"


@pytest.mark.slow
def test_248_of_eight_answers_to_one_invitation_one_counts_and_none_beside_a_taking_back(tmp_path: Path) -> None:
    assert race("accept", tmp_path, "team_races.py") == "1 1 1 {(True, True)}"


@pytest.mark.slow
def test_044_whoever_is_removed_while_they_act_does_nothing_afterwards(tmp_path: Path) -> None:
    assert race("act", tmp_path, "team_races.py") == "{('done', True)}"


@pytest.mark.slow
def test_259_a_project_that_is_handed_over_while_accounts_close_always_has_an_owner(tmp_path: Path) -> None:
    assert race("hand_over", tmp_path, "team_races.py") == "{(True, 0, True)}"


@pytest.mark.slow
def test_250_an_offer_that_moves_on_stops_nobody_who_acts(tmp_path: Path) -> None:
    assert race("offer", tmp_path, "team_races.py") == "{'done'} True"
