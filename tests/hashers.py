"""A hasher that takes no time."""

from django.contrib.auth.hashers import MD5PasswordHasher

from accounts.hashers import Composed


class ComposedMD5(Composed, MD5PasswordHasher):
    bare = MD5PasswordHasher()
