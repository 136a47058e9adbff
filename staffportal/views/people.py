"""Staff, as admins run them, and the customers who signed up themselves."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import selectors as accounts
from accounts.authentication import signed_in
from accounts.rules import sees_staff
from accounts.services import staff as service
from lld.core.access import ADMINS, MANAGERS, SELLERS, Role
from lld.core.api.schema import IF_MATCH, Message
from lld.core.api.views import ApiView, json_text
from lld.core.errors import Forbidden
from staffportal import selectors
from staffportal.serializers import people as shapes


class StaffUsers(ApiView):
    """Two lists at one address, as the reference has them (`/staff/team` and `/staff/website-users` are plain)."""

    access = {"GET": SELLERS, "POST": ADMINS}

    @extend_schema(
        operation_id="staff_users_list",
        parameters=[shapes.StaffUsersQuery],
        responses=PolymorphicProxySerializer(
            "StaffOrWebsiteUsers",
            [shapes.StaffMember(many=True), shapes.WebsiteUsersPage],
            resource_type_field_name=None,
            many=False,
        ),
    )
    def get(self, request: Request) -> HttpResponse:
        """Staff (for admin and manager), or the customers who signed up themselves (reps: their own)."""
        query = self.query(shapes.StaffUsersQuery)
        may_see_staff = sees_staff(self.actor)
        if query["type"] == shapes.STAFF_TYPE and not may_see_staff:
            raise Forbidden("Only admin and manager may see the list of staff.")
        paged = any(request.query_params.get(name) for name in ("page", "per_page", "limit", "cursor", "search"))
        unsaid = shapes.STAFF_TYPE if may_see_staff and not paged else shapes.WEBSITE_TYPE
        if (query.pop("type") or unsaid) == shapes.STAFF_TYPE:
            return _team()
        return json_text(selectors.website_users_json(signed_in(request), **query))

    @extend_schema(
        operation_id="staff_users_create",
        request=shapes.CreateStaff,
        responses={201: shapes.StaffMember, 409: shapes.Taken},
    )
    def post(self, request: Request) -> Response:
        """Make a member of staff."""
        body = self.body(shapes.CreateStaff)
        member = service.create_staff(actor=self.actor, role=Role(body.pop("role")), **body)
        return Response(shapes.StaffMember(member).data, status=201)


class StaffUser(ApiView):
    """A member of staff. An id of a customer is nobody's here."""

    access = {"PUT": ADMINS, "DELETE": ADMINS}

    def current(self, object_id: int) -> dict[str, Any]:
        return dict(shapes.StaffMember(accounts.staff_members().get(pk=object_id)).data)

    @extend_schema(
        operation_id="staff_users_change",
        parameters=[IF_MATCH],
        request=shapes.ChangeStaff,
        responses={200: shapes.StaffMember, 409: shapes.StaffConflict},
    )
    def put(self, request: Request, user_id: int) -> Response:
        """Change a member of staff. A new role, password or deactivation ends their sign-ins at once."""
        member = service.change_staff(
            user_id, actor=self.actor, expected_version=self.expected_version(), **self.body(shapes.ChangeStaff)
        )
        return Response(shapes.StaffMember(member).data)

    @extend_schema(operation_id="staff_users_delete", responses={200: Message})
    def delete(self, request: Request, user_id: int) -> Response:
        """Close a member's account for good. What they did keeps their name."""
        service.delete_staff(user_id, actor=self.actor)
        return Response({"message": "The account is closed."})


class Team(ApiView):
    access = {"GET": MANAGERS}

    @extend_schema(operation_id="staff_team", responses=shapes.StaffMember(many=True))
    def get(self, request: Request) -> Response:
        """Every member of staff, active or not."""
        return _team()


class WebsiteUsers(ApiView):
    access = {"GET": SELLERS}

    @extend_schema(
        operation_id="staff_website_users",
        parameters=[shapes.WebsiteUsersQuery],
        responses=shapes.WebsiteUsersPage,
    )
    def get(self, request: Request) -> HttpResponse:
        """The customers who signed up themselves, newest first. Sales representatives see their own."""
        return json_text(selectors.website_users_json(signed_in(request), **self.query(shapes.WebsiteUsersQuery)))


def _team() -> Response:
    return Response(shapes.StaffMember(accounts.team(), many=True).data)
