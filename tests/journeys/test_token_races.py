"""Apps, members and coordinators who do things at once, at two real servers.

`RACES=1000 pytest tests/journeys/test_token_races.py -s` is the full proof: some minutes, with its figures.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.servers import own_database

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
ROUNDS = int(os.environ.get("RACES", "8"))
ALL_THAT_END = (
    *("leave_and_refresh", "leave_and_redeem", "sign_out_and_refresh", "sign_out_and_redeem", "revoke_and_refresh"),
)
ALL = (
    "codes",
    "refreshes",
    *ALL_THAT_END,
    "leave_and_use",
    "rotate_and_use",
    "sixteen_writers",
    "leave_and_complete",
    "cap",
    "canary",
)
Outcomes = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """What came of all races, run one after the other at the same two servers."""
    folder = tmp_path_factory.mktemp("races")
    with own_database(folder) as database:
        environment = os.environ | {
            "DATA": str(folder),
            "DATABASE": database,
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, Path(__file__).with_name("token_races.py"), str(ROUNDS), *ALL]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-5000:]
    sys.stdout.write(done.stdout)
    found: Outcomes = json.loads(done.stdout)
    return found


def test_068_of_eight_who_exchange_one_code_one_wins_and_it_counts_as_a_replay(outcomes: Outcomes) -> None:
    assert outcomes["codes"] == {
        "answers": {"200": ROUNDS, "400 invalid_grant": 7 * ROUNDS},
        "rounds": {"one winner": ROUNDS, "its tokens are dead": ROUNDS},
    }


def test_092_093_094_eight_who_use_one_refresh_token_get_one_pair_and_a_minute_later_end_it(
    outcomes: Outcomes,
) -> None:
    wanted = ("one pair for all", "one successor", "the family is dead", "by reuse", "both are told once")
    assert outcomes["refreshes"] == {
        "answers": {"200": 8 * ROUNDS, "400 invalid_grant": 8 * ROUNDS},
        "rounds": dict.fromkeys(wanted, ROUNDS),
    }


@pytest.mark.parametrize("race", ALL_THAT_END)
def test_098_251_whatever_comes_first_nothing_works_after_the_end(outcomes: Outcomes, race: str) -> None:
    assert outcomes[race]["rounds"] == {"nothing works any more": ROUNDS}
    assert set(outcomes[race]["answers"]) <= {"200", "400", "400 invalid_grant", "signed out"}


def test_298_nobody_reads_after_a_member_has_left(outcomes: Outcomes) -> None:
    assert outcomes["leave_and_use"]["rounds"] == {"nobody reads any more": ROUNDS}
    assert set(outcomes["leave_and_use"]["answers"]) <= {"200", "401"}


def test_251_of_two_who_replace_a_secret_one_does_and_the_old_one_is_over(outcomes: Outcomes) -> None:
    found = outcomes["rotate_and_use"]
    assert found["rounds"] == dict.fromkeys(("one new secret", "the old one is over", "the new one works"), ROUNDS)
    assert set(found["answers"]) <= {"200", "401 invalid_client", "conflict"}
    assert found["answers"]["conflict"] == ROUNDS


def test_260_sixteen_writers_at_once_are_all_served(outcomes: Outcomes) -> None:
    assert outcomes["sixteen_writers"]["answers"] == {"200": 10 * ROUNDS, "201": 6 * ROUNDS}


def test_250_what_is_completed_while_its_member_leaves_is_a_whole_file_or_none(outcomes: Outcomes) -> None:
    found = outcomes["leave_and_complete"]
    assert found["rounds"] == {"whole or none": ROUNDS, "nothing works any more": ROUNDS}
    assert set(found["answers"]) <= {"200", "400", "401"}


def test_248_a_hundred_at_once_for_the_last_place_let_exactly_one_in(outcomes: Outcomes) -> None:
    rounds = max(1, ROUNDS // 100)
    assert outcomes["cap"] == {"answers": {"in": rounds, "full": 99 * rounds}, "rounds": {"twenty are in": rounds}}


def test_001_002_011_013_no_file_of_a_server_holds_a_secret_however_talkative_it_is(outcomes: Outcomes) -> None:
    rounds = outcomes["canary"]["rounds"]
    assert rounds == {"the log has lines": 1, "it would be found": 1, "secrets found": 0}
    assert not [status for status in outcomes["canary"]["answers"] if status.startswith("5")]
