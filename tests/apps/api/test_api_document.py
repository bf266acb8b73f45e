"""Schemathesis: whatever the OpenAPI document allows, and what it does not, is answered as the document says and never with a 5xx."""

from __future__ import annotations

import pytest
import schemathesis
from files import forecast
from hypothesis import HealthCheck, settings

from apps.api.app import create_app
from dagster_project import intake, register
from dagster_project.register import tokens
from tests.fuzzing import examples

APP = create_app()
QUICK, LONG = 8, examples(100)
CONFIG = schemathesis.Config.from_dict({"generation": {"mode": "all", "allow-x00": True}})
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", APP, config=CONFIG)


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A token of a partner that has sent a file, in a state folder that lives as long as this module."""
    patch = pytest.MonkeyPatch()
    patch.setenv("VEINWAY_HOME", str(tmp_path_factory.mktemp("document")))
    # Thousands of bodies of a few bytes: in this process, so that no time goes into handing them over.
    patch.setenv("VEINWAY_WORKERS", "0")
    register.add_partner("north-hospital", "hospital")
    intake.submit(forecast(3, "many"), partner="north-hospital", feed="demand_forecast")
    terms = tokens.Terms(requests_per_minute=1_000_000)
    yield tokens.issue("north-hospital", name="schemathesis", terms=terms)[1]
    patch.undo()


def validate(case: schemathesis.Case, token: str) -> None:
    # A schema cannot say which bytes are a good file or which digest is theirs, so what fits it may be refused. And what does not may be
    # taken: a made-up token is replaced by the right one below, and a file is what its content says, not its media type.
    excluded = [schemathesis.checks.positive_data_acceptance, schemathesis.checks.negative_data_rejection]
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=excluded)


@SCHEMA.parametrize()
@settings(max_examples=QUICK, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_the_document_says(case: schemathesis.Case, token: str) -> None:
    validate(case, token)


@pytest.mark.slow
@pytest.mark.fuzz(reader="api")
@SCHEMA.parametrize()
@settings(max_examples=LONG, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_the_document_says_after_a_long_search(case: schemathesis.Case, token: str) -> None:
    validate(case, token)
