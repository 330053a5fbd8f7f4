"""What the service was asked for, row by row, and the tests that prove it.

A test that is gone, that is skipped, or whose assertions do not depend on the product, fails its row.
"""

import re
from pathlib import PurePosixPath

import pytest

from tests.house.project import parse, tracked
from tests.house.proofs import ModuleOfTests

CAPABILITIES = """
1 application with lifespan, title, version; documentation without the internet; the contract byte-true
  tests/cli/test_cli.py: test_serve_in_development
  tests/contractgen_runtime/postgres/test_unit_of_work.py: test_closing_sends_waiters_away
  tests/contractgen_runtime/service/test_docs.py: test_a_page_loads_all_that_it_needs_from_here
  tests/contractgen_runtime/service/test_docs.py: test_a_page_runs_no_script_but_ours
  tests/web/test_docs.py: test_the_contract_is_served_byte_for_byte
2 CORS from configuration; security headers on every answer
  tests/rules/test_settings.py: test_production_is_the_default_and_takes_lists
  tests/contractgen_runtime/service/test_cors.py: test_preflight_is_granted
  tests/contractgen_runtime/service/test_cors.py: test_preflight_is_refused_without_permission
  tests/contractgen_runtime/service/test_cors.py: test_request_of_an_allowed_origin_may_read_the_answer
  tests/contractgen_runtime/service/test_cors.py: test_request_of_another_origin_may_not
  tests/contractgen_runtime/service/test_edge.py: test_answer_has_every_header_once
  tests/web/test_docs.py: test_every_answer_has_the_security_headers
3 users: role, create, display_name, partial update, pages with has_next and has_prev, one account an address
  tests/operations/test_create_user.py: test_an_account_of_any_role
  tests/operations/test_register_user.py: test_account_is_made test_an_address_is_taken_in_every_case
  tests/operations/test_register_user.py: test_member_that_violates_its_schema
  tests/operations/test_get_me.py: test_own_account
  tests/operations/test_update_user.py: test_absent_members_stay
  tests/operations/test_list_users.py: test_pages_hold_every_account_newest_first
  tests/house/test_operations.py: test_enumerations_of_the_contract_are_those_of_the_database
4 posts: title, content, published flag, author; users and their posts
  tests/operations/test_create_post.py: test_draft_unless_said_otherwise test_member_that_violates_its_schema
  tests/operations/test_publish_post.py: test_a_draft_becomes_the_first_of_the_feed
  tests/operations/test_list_user_posts.py: test_everybody_gets_what_they_may_see
5 one transaction a request, committed or rolled back whole; created_at and updated_at in UTC
  tests/contractgen_runtime/postgres/test_unit_of_work.py: test_success_stores test_refusal_rolls_back
  tests/faults/test_errors.py: test_a_bug_undoes_what_was_written
  tests/faults/test_errors.py: test_what_is_reported_stands_before_the_first_byte_is_sent
  tests/operations/test_update_post.py: test_what_is_given_changes_and_the_rest_stays
6 queries in one place for each resource
  tests/queries/test_rows.py: test_selected_user test_account test_updated_user test_posts
  tests/queries/test_pages.py: test_user_pages_joined_are_all_users test_users_of_a_role
  tests/queries/test_feed.py: test_pages_joined_are_the_feed_whatever_happens_between_them
  tests/queries/test_feed.py: test_a_page_at_depth_costs_what_the_first_does
7 bcrypt hashes, JWT access tokens, current user, inactive users refused, roles for each operation
  tests/rules/test_passwords.py: test_stored_form test_known_answer
  tests/rules/test_tokens.py: test_issued_token_is_verified_as_text_and_as_bytes test_remembered_token_expires
  tests/operations/test_get_me.py: test_no_valid_token test_token_of_a_deactivated_account
  tests/operations/test_role_table.py: test_row
8 register, login, me, list, get and update users, notify
  tests/operations/test_register_user.py: test_new_account_can_log_in
  tests/operations/test_login.py: test_answer_is_a_token_and_its_account
  tests/operations/test_update_user.py: test_own_name test_admins_change_everything
  tests/operations/test_get_notification.py: test_queued_then_sent
  tests/docs/test_pages.py: test_a_page_about_a_running_service_does_what_it_says
9 one error shape for everything; nothing of the inside leaks
  tests/contractgen_runtime/service/test_problems.py: test_everything_raised_is_a_problem
  tests/faults/test_errors.py: test_a_bug_is_a_500_that_tells_nothing
  tests/faults/test_errors.py: test_a_lost_database_is_a_503_to_try_again
  tests/faults/test_wire.py: test_what_is_not_http_is_refused_with_a_problem
  tests/contract/test_witness.py: test_an_answer_that_is_none_of_the_contract
10 tests over a real database, with client, user and token fixtures
  tests/house/test_operations.py: test_every_test_of_an_operation_goes_through_the_witness
  tests/queries/test_tables.py: test_the_migrations_make_exactly_the_tables
11 typed settings from environment and .env
  tests/rules/test_settings.py: test_dotenv_is_read_and_the_environment_goes_first
  tests/rules/test_settings.py: test_refusal_names_the_variable_and_never_the_value
12 an entry point that runs uvicorn; a container image
  tests/cli/test_cli.py: test_serve_in_development test_port_in_use_is_one_line
  tests/house/test_dependencies.py: test_the_image_builds_its_wheel_with_locked_tools
13 structured logs; background work that blocks no request; input validation throughout
  tests/contractgen_runtime/service/test_log.py: test_a_line_is_one_json_object
  tests/contractgen_runtime/service/test_edge.py: test_access_line
  tests/jobs/test_smtp.py: test_a_notification_is_handed_over test_100_notifications_of_one_key_are_one_mail
  tests/cli/test_cli.py: test_worker_processes_share_the_mail
  tests/web/test_requests.py: test_malformed_json_for_every_operation
  tests/web/test_requests.py: test_every_operation_refuses_an_unknown_parameter
"""
_ROW = re.compile(r"^(\d+ .+)\n((?:  .+\n)+)", re.MULTILINE)
_TESTS = re.compile(r"  (\S+): (.+)")
#: The node ids of the tests by row.
ROWS = {
    row: [f"{module}::{name}" for module, names in _TESTS.findall(tests) for name in names.split()]
    for row, tests in _ROW.findall(CAPABILITIES)
}
assert [int(row.split()[0]) for row in ROWS] == list(range(1, 14))


@pytest.mark.parametrize("row", ROWS)
def test_row(row: str) -> None:
    assert ROWS[row], "no test proves it"
    assert {test: found for test in ROWS[row] if (found := faults(*test.split("::")))} == {}


def faults(path: str, name: str) -> list[str]:
    if PurePosixPath(path) not in tracked():
        return ["the module is gone"]
    module = ModuleOfTests(parse(PurePosixPath(path)))
    return module.faults(name) if name in module.functions else ["the test is gone"]
