"""People and keys in the console."""

from accounts.admin import consent, keys, own_password, secrets, sign_in, users

__all__ = ["consent", "keys", "own_password", "secrets", "sign_in", "users"]
