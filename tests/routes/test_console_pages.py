"""Walks the console: every page and every button as every role, against the table."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import reverse

from lld.core.access import Role
from tests.api import ROUTES
from tests.api.callers import STAFF
from tests.api.console import OPERATIONS, PAGES, Page
from tests.console_rows import one_of_everything
from tests.contract.reference import not_built_yet
from tests.factories import StaffFactory, as_console, place
from tests.routes.seen import faults, text_of

REGISTERED = {model._meta.label_lower: page for model, page in admin.site._registry.items()}
BY_NAME = {route.name: route for route in ROUTES}
# Of the site's own pages, those that show rows or say something of a caller.
SITE = (
    "index", "password_change", "jsi18n", "search", "app_list", "login", "logout", "admin_password_reset",
    "new_password",
)  # fmt: skip


def address(page: Page, what: str, *args: Any) -> str:
    return reverse(f"admin:{page.model.replace('.', '_')}_{what}", args=args)


def buttons_of(shown: Any) -> set[str]:
    return {*shown.actions, *shown.actions_detail}


def test_table_names_every_page_and_every_button() -> None:
    assert sorted(REGISTERED) == sorted(page.model for page in PAGES)
    for page in PAGES:
        shown = REGISTERED[page.model]
        assert sorted(buttons_of(shown)) == sorted(page.does), page.model
        for kind in ("actions_list", "actions_row", "actions_submit_line"):
            assert not getattr(shown, kind), f"{page.model} has {kind} that the table does not know"


def test_site_has_no_pages_but_those_of_the_table() -> None:
    named = {pattern.name for pattern in admin.site.get_urls() if getattr(pattern, "name", None)}
    others = {"password_change_done", "autocomplete", "view_on_site"}
    assert named == {*SITE, *others}


def row_of(page: Page) -> Any:
    return apps.get_model(page.model)._default_manager.order_by("pk").first()


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(STAFF))
def test_role_finds_the_pages_and_fields_that_the_table_gives_it(role: str) -> None:
    client, wrong = as_console(Role(role)), []
    order = one_of_everything(rep=client.user)

    for page in PAGES:
        row = order.customer if page.model == "accounts.user" else row_of(page)
        listed, opened = client.get(address(page, "changelist")), client.get(address(page, "change", row.pk))
        expected = 200 if role in page.seen_by else 403
        if (listed.status_code, opened.status_code) != (expected, expected):
            wrong.append(f"{role} gets {listed.status_code}, {opened.status_code} from {page.model}")
        if expected == 200:
            told = text_of(listed) + text_of(opened)
            wrong += [f"{page.model}: {fault}" for fault in faults(page.shows, role, told)]
        added = client.get(address(page, "add")).status_code == 200
        if added != (role in page.added_by):
            wrong.append(f"{role} {'adds' if added else 'cannot add'} {page.model}")
        changes = REGISTERED[page.model].has_change_permission(asking(client.user), row)
        if changes != (role in page.changed_by):
            wrong.append(f"{role} {'changes' if changes else 'cannot change'} {page.model}")
    assert not wrong, "; ".join(wrong)


def asking(user: Any) -> Any:
    request = RequestFactory().get("/")
    request.user = user
    return request


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(STAFF))
def test_role_is_offered_the_buttons_that_the_table_gives_it(role: str) -> None:
    client, wrong = as_console(Role(role)), []
    order = one_of_everything(rep=client.user)
    member = StaffFactory()

    for page in PAGES:
        shown, request = REGISTERED[page.model], asking(client.user)
        offered = set(shown.get_actions(request)) if role in page.seen_by else set()
        for name, does in page.does.items():
            row = order.customer if name == "set_terms" else member if page.model == "accounts.user" else row_of(page)
            if name in shown.actions:
                may = name in offered
            else:
                may = client.get(address(page, name, row.pk)).status_code == 200
            if may != (role in does.roles):
                wrong.append(f"{role} {'is' if may else 'is not'} offered {page.model} {name}")
    assert not wrong, "; ".join(wrong)


@pytest.mark.django_db
def test_rep_finds_nothing_of_others_in_the_console() -> None:
    client = as_console(Role.SALES_REP)
    one_of_everything(rep=StaffFactory(role=Role.SALES_REP))
    place()

    for page in PAGES:
        if page.theirs:
            listed = client.get(address(page, "changelist"))
            assert list(listed.context["cl"].result_list) == [], page.model
            for row in apps.get_model(page.model)._default_manager.all():
                assert client.get(address(page, "change", row.pk)).status_code == 404, page.model
                assert client.get(address(page, "history", row.pk)).status_code in {403, 404}, page.model


def test_every_job_of_the_console_can_be_done_over_the_api() -> None:
    """By whoever has it there: a button without a route, or with one that refuses the role, is a shut door."""
    jobs = [(page.model, name, does.roles, does.api) for page in PAGES for name, does in page.does.items()]
    jobs += [(page.model, "add", page.added_by, page.added_over) for page in PAGES if page.added_by]
    jobs += [(page.model, "change", page.changed_by, page.changed_over) for page in PAGES if page.changed_by]
    waiting = {name.replace(" /", " ") for name in not_built_yet()}

    shut = [
        f"{role} cannot do {model} {name} by {api}"
        for model, name, roles, api in jobs
        for role in sorted(roles)
        if api != OPERATIONS and api not in waiting and role not in BY_NAME[api].callers
    ]

    assert shut == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in SITE if name != "app_list"])
def test_strangers_see_only_the_ways_in(name: str) -> None:
    one_of_everything()
    answer = Client().get(reverse(f"admin:{name}"))
    ways_in = {"login", "admin_password_reset", "new_password"}
    assert (answer.status_code == 200) == (name in ways_in), (name, answer.status_code)
    assert "example.test" not in text_of(answer)
