"""How passwords are hashed."""

import unicodedata
from typing import ClassVar

from django.contrib.auth.hashers import Argon2PasswordHasher, BasePasswordHasher


def spellings(password: str) -> list[str]:
    """The password in NFC and, where that is another, as it was typed."""
    return list(dict.fromkeys([unicodedata.normalize("NFC", password), password]))


class Composed(BasePasswordHasher):
    """Another hasher, `bare`, to which passwords go in NFC: one keyboard sends an é as one letter, another as two.

    Hashes of before may be of the password as it was typed: that is tried second.
    """

    bare: ClassVar[BasePasswordHasher]

    def encode(self, password: str, salt: str) -> str:
        return self.bare.encode(spellings(password)[0], salt)

    def verify(self, password: str, encoded: str) -> bool:
        return any(self.bare.verify(spelling, encoded) for spelling in spellings(password))


class ComposedArgon2(Composed, Argon2PasswordHasher):
    bare = Argon2PasswordHasher()
