"""Passwords: argon2id digests, and how soon one would be guessed."""

from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

GUESSES_LOG10 = 9  # a thousand million: what a common password, a name with a year or a pattern does not reach
OURS = ["kayutangan", "malang", "bromo", "tengger", "semeru", "batu", "kongkow", "wisata", "pariwisata", "rahasia"]
JUDGED = 72  # the judge is slow on long texts; what is common is so within its beginning


class Argon2Passwords:
    """argon2id with the library's present parameters (RFC 9106, low memory)."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("nobody has this account")

    def digest(self, password: str) -> str:
        """Return a digest to keep."""
        return self._hasher.hash(password)

    def matches(self, digest: str, password: str) -> bool:
        """Tell whether a password is the one; without a digest it takes as long and is never."""
        try:
            return self._hasher.verify(digest or self._nobody, password) and bool(digest)
        except (VerificationError, InvalidHashError):
            return False

    def is_common(self, password: str, words: list[str]) -> bool:
        """Tell whether a password would be guessed soon, also by who knows these words."""
        return float(zxcvbn(password[:JUDGED], [*OURS, *words])["guesses_log10"]) < GUESSES_LOG10
