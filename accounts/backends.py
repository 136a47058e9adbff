"""How the console signs staff in: by the same service as the API, with the same limits. Throttled beyond them."""

from typing import Any

from django.http import HttpRequest

from accounts import tries
from accounts.errors import InvalidCredentials
from accounts.models import User
from accounts.services.sign_in import verify_staff
from lld.core.client_address import client_address


class RoleBackend:
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if not username or password is None:
            return None
        address = client_address(request) if request else ""
        try:
            with tries.signing_in("staff", username, address):
                return verify_staff(username=username, password=password)
        except InvalidCredentials:
            return None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()
