"""Runs of Base64 and hexadecimal digits, read: what they stand for is text, or a private key."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

_RUN = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_LEAST = 24
_WRAPPED = re.compile(r"(?<=[A-Za-z0-9+/]{60})\n")  # as `base64` and PEM wrap lines
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+\Z")
# A SEQUENCE that begins with the version of PKCS #1 or #8 or of SEC 1; a certificate begins with another SEQUENCE.
_KEY = re.compile(rb"0(?:\x82..|\x81.|.)\x02\x01[\x00\x01](?:\x02\x82|\x02\x81|0|\x04)|openssh-key-v1", re.DOTALL)
PRIVATE_KEY = "-----BEGIN PRIVATE KEY-----"


def decoded(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each text with a run of such digits, and what the run says."""
    for text in texts:
        if len(text) >= _LEAST:
            for run in _RUN.findall(_WRAPPED.sub("", text)):
                if len(run) >= _LEAST:
                    yield from ((text, said) for said in _readings(run))


def _readings(run: str) -> Iterator[str]:
    data = [bytes.fromhex(run)] if _HEX.match(run) else []
    digits = run.rstrip("=").replace("-", "+").replace("_", "/")
    with suppress(binascii.Error):  # one digit too many
        data.append(base64.b64decode(digits + "=" * (-len(digits) % 4)))
    for one in data:
        if _KEY.match(one):
            yield PRIVATE_KEY
        elif one.isascii():
            yield one.decode("ascii")
