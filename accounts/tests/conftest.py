"""Fixtures of the tests of accounts."""

import pytest
from rest_framework.test import APIClient

from lld.core.access import Role
from tests.factories import StaffFactory, as_staff


@pytest.fixture
def admin() -> APIClient:
    return as_staff(Role.ADMIN, user=StaffFactory(username="ana", role=Role.ADMIN))
