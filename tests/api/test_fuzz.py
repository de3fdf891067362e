"""The description is true: requests made up from it get the statuses and bodies it names.

Seeded; `make proof` prints what was sent and what came back.
"""

import time
from collections import Counter
from typing import Any

import hypothesis
import pytest
import schemathesis
import sqlalchemy as sa
from flask import current_app
from flask_appbuilder.security.sqla.models import Role

from app.security import ROLES
from app.services.transactions import transaction
from tests.api.described import Description
from tests.kit.clients import PASSWORD, add_staff

pytestmark = [
    pytest.mark.proof,
    pytest.mark.filterwarnings("ignore"),  # of schemathesis, nothing we could mend here
]
EXAMPLES = 20
MOST_UNKNOWN = 0.05  # of the answers are 401: log-ins that are made up
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
STOPS = {"customer_log_out", "worker_log_out"}  # they would end the session of the others


@pytest.fixture
def tokens(owners):
    """A token of each realm; the staff's is of somebody who holds every role."""
    found = {name: client.environ_base.get("HTTP_AUTHORIZATION") for name, client in owners.items()}
    user = add_staff(None, branch_id=None)
    with transaction() as session:
        roles = session.scalars(sa.select(Role).where(Role.name.in_(ROLES.keys() - {"partner"})))
        session.merge(user).roles = list(roles)
    body = {"username": user.username, "password": PASSWORD, "provider": "db"}
    answer: Any = current_app.test_client().post("/api/v1/security/login", json=body)
    return found | {"staff": f"Bearer {answer.json['access_token']}"}


def test_what_is_made_up_from_the_description_is_answered_as_it_says(
    standing, tokens, backend, capsys
):
    description, began = Description(), time.monotonic()
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", current_app)
    sent: Counter[int] = Counter()
    # The staff last: they block and erase those whose tokens the others use.
    found = [one.ok() for one in schema.get_all_operations()]
    for operation in sorted(found, key=lambda one: tokens[realm_of(one)] == tokens["staff"]):
        if operation.definition.raw["operationId"] in STOPS:
            continue
        token = tokens[realm_of(operation)]
        for mode in MODES:
            try_out(operation, mode, token, description, sent)
    with capsys.disabled():
        took = time.monotonic() - began
        print(f"\n{backend}: {sum(sent.values())} requests in {took:.0f} s, {sorted(sent.items())}")
    assert max(sent) < 500
    assert sent[401] < sum(sent.values()) * MOST_UNKNOWN, "somebody's token opened nothing"


def realm_of(operation: Any) -> str:
    realm: str = operation.definition.raw["tags"][0]
    return realm


def try_out(operation, mode, token, description, sent):
    def send(case):
        # An empty parameter, or "..", makes the address of another operation.
        hypothesis.assume(not {"", ".", ".."} & set(case.formatted_path.split("/")[1:-1]))
        hypothesis.assume(operation.path.endswith("/") or case.formatted_path[-1] not in "/.")
        if token:
            case.headers = {**(case.headers or {}), "Authorization": token}
        answer = case.call()
        sent[answer.status_code] += 1
        check(description, operation, answer)

    run = hypothesis.given(operation.as_strategy(generation_mode=mode))(send)
    hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )(run)()


def check(description, operation, answer):
    where = f"{operation.label}: {answer.status_code} {answer.text[:300]}"
    described = operation.definition.raw["responses"].get(str(answer.status_code))
    assert described, where
    if answer.headers["content-type"][0].startswith("application/json") and answer.text:
        content = description._resolved(described).get("content", {})
        if "pay" not in operation.path:
            description.check_body(content["application/json"]["schema"], answer.json())
