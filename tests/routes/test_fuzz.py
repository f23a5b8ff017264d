"""Whatever the description allows, and much that it does not, gets a documented answer and never a 500."""

from typing import Any

import hypothesis
import schemathesis
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from tourism.app import create_app, make_ports
from tourism.config import Settings


def test_the_api_answers_as_described(settings: Settings) -> None:
    app = create_app(settings, make_ports(settings))
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    checks = [schemathesis.checks.not_a_server_error, status_code_conformance, response_schema_conformance]
    operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    assert len(operations) == 12
    for operation in operations:

        @hypothesis.settings(max_examples=60, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
        @hypothesis.given(case=operation.as_strategy())
        def answers(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(checks=checks, headers={"Accept-Encoding": "identity"})

        answers()
