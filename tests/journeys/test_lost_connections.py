"""PostgreSQL ends all connections, as a restart does: the server goes on by itself."""

import httpx
import psycopg

from tests.servers import Demo

_END_ALL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"""
PATHS = ("/api/direct-sharing/project/", "/api/direct-sharing/project/members/", "/account/login/")


def test_a_lost_connection_costs_a_request_or_two_and_no_more(demo: Demo) -> None:
    """Catalogue 274, for what answers requests; `test_worker` has it for the worker."""
    database = demo.environment["DATABASE"]
    bearer = {"Authorization": f"Bearer {demo.facts['on_site']['master_token']}"}
    with httpx.Client(base_url=demo.url, headers=bearer, timeout=30) as client:
        for path in PATHS:
            assert client.get(path).status_code == 200
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(_END_ALL)
        for path in PATHS:
            # the event loop, the ledger and each slot have a connection: each may find its own gone once
            statuses = [client.get(path).status_code for _ in range(6)]
            assert set(statuses) <= {200, 503}
            assert statuses[-1] == 200
