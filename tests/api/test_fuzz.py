"""The description is true: requests made up from it get the statuses and bodies it names.

Seeded; `make proof` prints what was sent and what came back.
"""

from collections import Counter
from typing import Any

import hypothesis
import pytest
import schemathesis
from flask import current_app

from tests.api.described import Description

pytestmark = [
    pytest.mark.proof,
    pytest.mark.filterwarnings("ignore"),  # of schemathesis, nothing we could mend here
]
EXAMPLES = 15
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
STOPS = {"customer_log_out", "worker_log_out"}  # they would end the session of the others


def tokens(owners):
    return {name: client.environ_base.get("HTTP_AUTHORIZATION") for name, client in owners.items()}


def test_what_is_made_up_from_the_description_is_answered_as_it_says(standing, owners):
    description = Description()
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", current_app)
    sent: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation: Any = found.ok()
        raw = operation.definition.raw
        if raw["tags"][0] == "staff" or raw["operationId"] in STOPS:
            continue
        token = tokens(owners)[raw["tags"][0]]
        for mode in MODES:
            try_out(operation, mode, token, description, sent)
    print(f"{sum(sent.values())} requests: {dict(sorted(sent.items()))}")
    assert max(sent) < 500


def try_out(operation, mode, token, description, sent):
    def send(case):
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
