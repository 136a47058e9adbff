"""Staff as admins see them over the API, and what no field of theirs takes."""

from rest_framework.test import APIClient

USERS, TEAM = "/api/staff/users", "/api/staff/team"
NEW_PASSWORD = "a-new-good-one"
MEMBER = {
    *("id", "username", "email", "full_name", "first_name", "last_name"),
    *("role", "is_active", "created_at", "updated_at", "version"),
}


def resets(secret: str) -> bool:
    body = {"token": secret, "password": "yet-another-one"}
    return APIClient().post("/api/staff/reset-password", body).status_code == 200


BAD_COMMON = [
    ({"email": "nobody"}, "email"),
    ({"email": "a@lld.test, b@lld.test"}, "email"),
    ({"email": "a" * 250 + "@lld.test"}, "email"),
    ({"email": None}, "email"),
    ({"email": ["a@lld.test"]}, "email"),
    ({"role": "owner"}, "role"),
    ({"role": ""}, "role"),
    ({"role": "Admin"}, "role"),
    ({"role": None}, "role"),
    ({"role": ["admin"]}, "role"),
    ({"first_name": "a" * 101}, "first_name"),
    ({"first_name": None}, "first_name"),
    ({"first_name": "a\0"}, "first_name"),
    ({"last_name": "a" * 101}, "last_name"),
    ({"last_name": {"a": 1}}, "last_name"),
    ({"full_name": "a" * 202}, "full_name"),
    ({"full_name": "a" * 101 + " b"}, "full_name"),
    ({"full_name": "a " + "b" * 101}, "full_name"),
    ({"full_name": ["Ana Ruiz"]}, "full_name"),
    ({"full_name": "Ana\nBcc: eve@evil.test"}, "full_name"),
    ({"password": ""}, "password"),
    ({"password": None}, "password"),
    ({"password": 12345678}, "password"),
    ({"password": "7-chars"}, "password"),
    ({"password": "a" * 201}, "password"),
    ({"password": "nul\0in-the-middle"}, "password"),
    ({"password": "password1"}, "password"),
    ({"password": "Hector-Ruiz-1845", "first_name": "Hector-Ruiz-1845"}, "password"),
    ({"password": "hectorruiz@lld.test", "email": "hectorruiz@lld.test"}, "password"),
]
