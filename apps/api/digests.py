"""The Content-Digest of a body (RFC 9530): what the header says, and whether the bytes that came agree."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.api.problems import ProblemError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from hashlib import _Hash

HASHES = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
MEMBER = re.compile(r"\s*([a-z*][a-z0-9_.*-]*)\s*=\s*:([A-Za-z0-9+/=]*):\s*")
WANTED = {"Want-Content-Digest": "sha-256=10, sha-512=5"}


@dataclass
class Expected:
    """Digests that the body must have, counted while it comes in."""

    said: dict[str, bytes]
    counted: dict[str, _Hash]

    def update(self, piece: bytes) -> None:
        """Take in the next bytes of the body."""
        for each in self.counted.values():
            each.update(piece)

    def require(self) -> None:
        """ProblemError when the body that came is not what the header says."""
        for name, digest in self.counted.items():
            if not hmac.compare_digest(digest.digest(), self.said[name]):
                found = base64.b64encode(digest.digest()).decode()
                words = f"The body that arrived has {name}=:{found}:, the header says another value. Nothing was accepted."
                raise ProblemError("digest-mismatch", words, headers=WANTED)


def expected(headers: Sequence[str]) -> Expected:
    """What the Content-Digest headers ask for; nothing without one. ProblemError when they cannot be read, differ or name only hashes unknown here."""
    if not headers:
        return Expected({}, {})
    said: dict[str, bytes] = {}
    for text in ",".join(headers).split(","):
        member = MEMBER.fullmatch(text)
        if member is None:
            raise _unreadable()
        if member[1] in HASHES:
            value = _bytes(member[1], member[2])
            if said.setdefault(member[1], value) != value:
                raise _unreadable()
    if not said:
        raise _unreadable()
    return Expected(said, {name: HASHES[name]() for name in said})


def _bytes(name: str, text: str) -> bytes:
    try:
        value = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise _unreadable() from None
    if len(value) != HASHES[name]().digest_size:
        raise _unreadable()
    return value


def _unreadable() -> ProblemError:
    words = "Content-Digest cannot be read. Write it as 'sha-256=:BASE64:' or 'sha-512=:BASE64:', the digest of the whole body in base64."
    return ProblemError("bad-request", words, headers=WANTED)
