"""Routes of the staff portal: people, website users, mail."""

from tests.api.callers import ADMIN, MANAGING, SELLERS
from tests.api.route import THEIRS, Call, Count, Documented, Route, Shows
from tests.api.world import World
from tests.factories import PASSWORD

NAMES = {"first_name": "Hector", "last_name": "Ruiz", "full_name": "Hector Ruiz"}


def website_users(world: World) -> Call:
    return Call(query={"page": 1, "per_page": 10, "search": "maria"}, given=world.customer)


def new_member(_: World) -> Call:
    account = {"username": "hector", "email": "hector@lld.test", "password": PASSWORD, "role": "warehouse"}
    return Call(body={**account, **NAMES})


def changed_member(world: World) -> Call:
    account = {"email": "h.ruiz@lld.test", "password": "a-new-good-one", "role": "warehouse", "is_active": False}
    return Call(world.member.pk, body={**account, **NAMES})


ROUTES = (
    Route(
        "GET",
        "api/staff/users",
        SELLERS,
        website_users,
        # The contract has this route twice: a list of all staff, and pages of website users.
        documented=(Documented(lambda _: Call(query={"type": "staff"})), Documented(website_users)),
        counts=(Count(2), Count(3, lambda _: Call(query={"type": "website"}))),
        whose=THEIRS,
        shows=Shows(money=SELLERS, contact=SELLERS),
    ),
    Route("POST", "api/staff/users", ADMIN, new_member),
    Route("PUT", "api/staff/users/<int:user_id>", ADMIN, changed_member),
    Route("DELETE", "api/staff/users/<int:user_id>", ADMIN, lambda world: Call(world.member.pk)),
    Route("GET", "api/staff/team", MANAGING, lambda _: Call(), counts=(Count(2),)),
    Route(
        "GET",
        "api/staff/website-users",
        SELLERS,
        lambda world: Call(given=world.customer),
        counts=(Count(3), Count(3, lambda _: Call(query={"search": "maria lopez"}))),
        whose=THEIRS,
        shows=Shows(money=SELLERS, contact=SELLERS),
    ),
    Route("POST", "api/staff/test-email", MANAGING, lambda _: Call(body={"to": "ops@lld.test"})),
    Route("POST", "api/staff/smtp-debug", ADMIN, lambda _: Call()),
)
