"""What `manage.py check --deploy` refuses."""

from typing import Any

import pytest
from django.core.checks import run_checks

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("exposed", [True, False])
def test_deploy_check_refuses_debug_tokens(settings: Any, exposed: bool) -> None:
    settings.EXPOSE_DEBUG_TOKENS = exposed
    assert ("accounts.E001" in {found.id for found in run_checks(include_deployment_checks=True)}) is exposed
