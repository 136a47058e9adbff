"""Routes of accounts: signing in, own accounts, recovery, keys, consent to texts."""

from accounts.enums import CodePurpose
from accounts.services.mailed_links import send_confirmation, send_reset
from accounts.services.phones import open_phone_session, send_code
from tests import twilio
from tests.api.callers import ADMIN, CUSTOMER, EVERYONE, STAFF
from tests.api.route import NO_ROWS, NOBODY_ELSES, OWN_CONTACT, SHARED, Call, Count, Documented, Route
from tests.api.world import World
from tests.factories import PASSWORD, CustomerFactory

NEW_PASSWORD = "a-new-good-one"


def newcomer(_: World) -> Call:
    person = {"username": "lamilpa", "email": "maria.l@lamilpa.test", "phone": "(312) 555-0148", "password": PASSWORD}
    business = {"company_name": "La Milpa", "business_type": "restaurant", "business_ein": "36-1234567"}
    return Call(body={**person, **business, "resale_certificate": "IL-1", "state_of_operation": "il"})


def own_changes(world: World) -> Call:
    body = {"email": "moved@lamilpa.test", "company_name": "La Milpa", "phone": "312-555-0111"}
    addresses = {"shipping_address": "1 Main St", "billing_address": "2 Main St"}
    return Call(world.account.pk, body={**body, **addresses})


def staff_login(world: World) -> Call:
    return Call(body={"username": world.member.username, "password": PASSWORD})


def phone_session(world: World) -> dict[str, str]:
    return {"phone_session_token": open_phone_session(world.customer.phone)}


CUSTOMERS = (
    Route(
        "POST",
        "api/login",
        EVERYONE,
        lambda world: Call(body={"username": world.customer.username, "password": PASSWORD}),
        shows=OWN_CONTACT,
    ),
    Route("POST", "api/logout", CUSTOMER, lambda _: Call()),
    Route("GET", "api/me", CUSTOMER, lambda _: Call(), counts=(Count(3),), shows=OWN_CONTACT),
    Route("POST", "api/register", EVERYONE, newcomer),
    Route(
        "GET", "api/auth/verify-email/<str:token>", EVERYONE, lambda _: Call("nothing"), counts=NO_ROWS, whose=SHARED
    ),
    Route(
        "POST",
        "api/auth/resend-verification",
        EVERYONE,
        lambda _: Call(body={"identifier": CustomerFactory(email_verified=False).username}),
        # The contract knows who is signed in only.
        documented=(Documented(lambda _: Call()),),
    ),
    Route("GET", "api/users", CUSTOMER, lambda _: Call(), counts=(Count(3),), shows=OWN_CONTACT),
    Route(
        "GET",
        "api/users/<int:user_id>",
        CUSTOMER,
        lambda world: Call(world.account.pk),
        counts=(Count(3),),
        whose=NOBODY_ELSES,
        shows=OWN_CONTACT,
    ),
    Route("PUT", "api/users/<int:user_id>", CUSTOMER, own_changes, whose=NOBODY_ELSES),
    Route("DELETE", "api/users/<int:user_id>", CUSTOMER, lambda world: Call(world.account.pk), whose=NOBODY_ELSES),
    Route(
        "POST",
        "api/auth/change-password",
        CUSTOMER,
        lambda _: Call(body={"current_password": PASSWORD, "new_password": NEW_PASSWORD}),
    ),
)

RECOVERY = (
    Route(
        "POST", "api/auth/forgot-password", EVERYONE, lambda world: Call(body={"identifier": world.customer.email})
    ),
    Route("POST", "api/auth/forgot-username", EVERYONE, lambda world: Call(body={"email": world.customer.email})),
    Route(
        "POST",
        "api/auth/reset-password",
        EVERYONE,
        lambda world: Call(body={"token": send_reset(world.customer), "password": NEW_PASSWORD}),
    ),
    Route("POST", "api/auth/phone/send-code", EVERYONE, lambda world: Call(body={"phone": world.customer.phone})),
    Route(
        "POST",
        "api/auth/phone/verify-code",
        EVERYONE,
        lambda _: Call(body={"phone": "(312) 555-0198", "code": send_code("+13125550198", CodePurpose.RECOVER)}),
    ),
    Route("POST", "api/auth/phone/lookup-username", EVERYONE, lambda world: Call(body=phone_session(world))),
    Route(
        "POST",
        "api/auth/phone/reset-password",
        EVERYONE,
        lambda world: Call(body={**phone_session(world), "password": NEW_PASSWORD}),
    ),
    Route(
        "POST",
        "api/customer/forgot-password",
        EVERYONE,
        lambda world: Call(body={"identifier": world.customer.email}),
    ),
    Route(
        "POST",
        "api/customer/forgot-username",
        EVERYONE,
        lambda world: Call(body={"email": world.customer.email}),
    ),
    Route(
        "POST",
        "api/staff/forgot-password",
        EVERYONE,
        lambda world: Call(body={"identifier": world.member.email}),
    ),
    Route("POST", "api/staff/forgot-username", EVERYONE, lambda world: Call(body={"email": world.member.email})),
    Route(
        "POST",
        "api/staff/reset-password",
        EVERYONE,
        lambda world: Call(body={"token": send_reset(world.member), "password": NEW_PASSWORD}),
    ),
)

OWN_STAFF_ACCOUNTS = (
    Route("POST", "api/staff/login", EVERYONE, staff_login),
    Route("POST", "api/staff/logout", EVERYONE, lambda _: Call()),
    Route("GET", "api/staff/me", STAFF, lambda _: Call(), counts=(Count(1),)),
    Route("POST", "api/shipping/login", EVERYONE, staff_login),
    Route("POST", "api/shipping/logout", EVERYONE, lambda _: Call()),
    Route("GET", "api/shipping/me", STAFF, lambda _: Call(), counts=(Count(1),)),
    Route("GET", "api/staff/profile", STAFF, lambda _: Call(), counts=(Count(1),)),
    Route(
        "POST",
        "api/staff/profile/change-password",
        STAFF,
        lambda _: Call(
            body={"current_password": PASSWORD, "new_password": NEW_PASSWORD, "confirm_password": NEW_PASSWORD}
        ),
    ),
    Route("POST", "api/staff/profile/update-email", STAFF, lambda _: Call(body={"new_email": "moved@lld.test"})),
    Route(
        "POST",
        "api/staff/confirm-email",
        EVERYONE,
        lambda world: Call(body={"token": send_confirmation(world.member, "confirmed@lld.test")}),
    ),
)

KEYS = (
    Route("GET", "api/admin/keys", ADMIN, lambda world: Call(given=world.key), counts=(Count(2),)),
    Route(
        "POST",
        "api/admin/keys",
        ADMIN,
        lambda _: Call(
            body={"name": "n8n", "prefix": "n8n", "description": "Automations", "expires_at": "2099-12-31"}
        ),
    ),
    Route(
        "POST", "api/admin/keys/verify", ADMIN, lambda world: Call(given=world.key, body={"raw_key": world.raw_key})
    ),
    Route("DELETE", "api/admin/keys/<int:key_id>", ADMIN, lambda world: Call(world.revoked_key.pk)),
    Route("POST", "api/admin/keys/<int:key_id>/activate", ADMIN, lambda world: Call(world.revoked_key.pk)),
    Route("POST", "api/admin/keys/<int:key_id>/revoke", ADMIN, lambda world: Call(world.key.pk)),
)

TEXTS = (
    Route(
        "POST",
        "api/sms-optin",
        EVERYONE,
        lambda _: Call(
            body={
                "first_name": "Maria",
                "last_name": "Lopez",
                "phone": "312-555-0177",
                "email": "maria@lamilpa.test",
                "consent": True,
            }
        ),
    ),
    Route(
        "POST", "api/sms/status-callback", EVERYONE, lambda _: Call(body=twilio.report(), sent_by=twilio.send_report)
    ),
)

ROUTES = (*CUSTOMERS, *RECOVERY, *OWN_STAFF_ACCOUNTS, *KEYS, *TEXTS)
