"""Default deny: a request passes only if the view's declared `access` names its caller."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from lld.core.access import Access

if TYPE_CHECKING:
    # DRF imports this module while it makes that class.
    from rest_framework.views import APIView


class DeclaredAccess(BasePermission):
    def has_permission(self, request: Request, view: "APIView") -> bool:
        access: Mapping[str, Access] | None = getattr(view, "access", None)
        if access is None:
            return False
        declared = access.get("GET" if request.method == "HEAD" else str(request.method))
        # A method that the view does not handle is answered with 405, whoever asks.
        return declared is None or is_granted(declared, user=request.user, auth=request.auth)


def is_granted(access: Access, *, user: Any, auth: Any) -> bool:
    """Whether the caller is one of `access`. A key acts by its scopes alone, never as its maker."""
    if access.anyone:
        return True
    scopes = getattr(auth, "scopes", None)
    if scopes is not None:
        return not access.scopes.isdisjoint(scopes)
    if not user.is_authenticated:
        return False
    return user.role in access.roles if user.role else access.customers
