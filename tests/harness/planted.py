"""Secrets that the tests plant wherever a secret goes, made to be recognised in whatever comes out.

In: nothing; they are fixed. Out: each secret, every form in which it could show, and which of them a text holds. Every
secret has a core of letters and digits that no other text has. Encodings of whole texts leave the core as it is, or
change it in a way that can be looked for, so that a part of a secret is found as well.
"""

from __future__ import annotations

import base64
import html
import json
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

RUDE = '+/=&%" ü'
"""Characters that each way of writing a text down changes."""


@dataclass(frozen=True)
class Secret:
    """One secret."""

    name: str
    """What the tests call it when it came out."""
    text: str
    """The secret as it is used."""
    cores: tuple[str, ...]
    """Parts of it that are found alone."""
    write_only: bool = False
    """Whether it goes in and never out, whoever asks."""

    @property
    def in_url(self) -> str:
        """The secret as it stands in a URL."""
        return quote(self.text, safe="")


def _rude(name: str, core: str, *, write_only: bool = False) -> Secret:
    return Secret(name, core + RUDE, (core,), write_only)


API = _rude("API secret", "Pl4ntedApiQ7xKv2Zr", write_only=True)
BODY_SIGNATURE = _rude("secret of the body's signature", "Pl4ntedBodyV6kSd1Wm", write_only=True)
HEADER = _rude("Authorization header", "Pl4ntedHeadJ8wTz5Lc")
PATH = _rude("token in the path", "Pl4ntedPathD3nHc6Xe")
QUERY = _rude("key in the query", "Pl4ntedQueryB2gYf9Ks")
PASSWORD = _rude("password before the host", "Pl4ntedPassF9sLb4Tn")
OAUTH_CLIENT = _rude("OAuth client secret", "Pl4ntedClientG5mPj7Vd")
ACCESS_TOKEN = _rude("OAuth access token", "Pl4ntedTokenC4rWq8Hx")
LIGHT = _rude("key in the address of a light", "Pl4ntedLightH5qRx9Jd")
PROXY = _rude("password of the proxy", "Pl4ntedProxyN1zXs3Gb")
ANSWERED = Secret("text in a receiver's answer", "Pl4ntedAnswerT2vLk6Mf", ("Pl4ntedAnswerT2vLk6Mf",))
"""What a receiver answers is for the eyes of those who manage hooks."""

OLD_API = _rude("API secret of 4.4.0", "Pl4ntedOldApiR8cNm3Yj", write_only=True)
OLD_HEADER = _rude("header of 4.4.0", "Pl4ntedOldHeadS4tBz9Qp")
OLD_OAUTH = _rude("OAuth client secret of 4.4.0", "Pl4ntedOldOauthK6dWf2Xl")
OLD_PATH = _rude("token in the path of 4.4.0", "Pl4ntedOldPathM7hGv5Cr")

_KEY = "Pl4ntedS1gnM5vRk8Ue+/Wd0Xq3Yt7Zb1Nc2Hj9Tp4w="
SIGNING_KEY = Secret("signing key", f"whsec_{_KEY}", ("Pl4ntedS1gnM5vRk8Ue", "Wd0Xq3Yt7Zb1Nc2Hj9Tp4w"), write_only=True)

_CLIENT_KEY_LINES = (
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVa5fsezjP99gCKFh",
    "bKZy9WnSrRQBQ/kc59TkogccnTShRANCAAQxJw75TuX9MG+Hbzzbn18IhxDXo+cQ",
    "DTmScpq+zEOLHErHWAqek0t1J+B0lQnCoHhz6xzG6KmAzd9W0VNErTwq",
)
CLIENT_KEY = Secret(
    "private key of the client's certificate",
    "\n".join(("-----BEGIN PRIVATE KEY-----", *_CLIENT_KEY_LINES, "-----END PRIVATE KEY-----", "")),
    _CLIENT_KEY_LINES,
    write_only=True,
)
CLIENT_CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUSMX2k9jEq3vsnOEYpfFKyfl1OtMwCgYIKoZIzj0EAwIw
IjEgMB4GA1UEAwwXT2N0b1ByaW50LVdlYmhvb2tzIHRlc3QwIBcNMjYxMTI1MDIz
ODQzWhgPMjEyNjExMDEwMjM4NDNaMCIxIDAeBgNVBAMMF09jdG9QcmludC1XZWJo
b29rcyB0ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMScO+U7l/TBvh288
259fCIcQ16PnEA05knKavsxDixxKx1gKnpNLdSfgdJUJwqB4c+scxuipgM3fVtFT
RK08KqNTMFEwHQYDVR0OBBYEFEAnn6w9DoeErGs82ZFFL8sV443nMB8GA1UdIwQY
MBaAFEAnn6w9DoeErGs82ZFFL8sV443nMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZI
zj0EAwIDSAAwRQIgYZM9SHYIe3pOI2NukmHBjEVhLfmKeJ+XoWQYhZrLPNQCIQDe
UNfwxVtRY7lrnaumQqp9Qnyl7u4XnS3kDWNNOxLJcQ==
-----END CERTIFICATE-----
"""
"""Belongs to the key; no secret."""

ALL = (
    API,
    BODY_SIGNATURE,
    HEADER,
    PATH,
    QUERY,
    PASSWORD,
    OAUTH_CLIENT,
    ACCESS_TOKEN,
    PROXY,
    LIGHT,
    ANSWERED,
    OLD_API,
    OLD_HEADER,
    OLD_OAUTH,
    OLD_PATH,
    SIGNING_KEY,
    CLIENT_KEY,
)
"""Every secret that the tests plant."""


def forms(text: str) -> dict[str, bytes]:
    """A text in every form in which programs write it down."""
    raw = text.encode()
    percent = quote(text, safe="")
    every_byte = "".join(f"%{byte:02X}" for byte in raw)
    found = {
        "raw": raw,
        "JSON": json.dumps(text)[1:-1].encode(),
        "JSON in UTF-8": json.dumps(text, ensure_ascii=False)[1:-1].encode(),
        "JSON in JSON": json.dumps(json.dumps(text))[1:-1].encode(),
        "JSON, every letter escaped": "".join(f"\\u{ord(letter):04x}" for letter in text).encode(),
        "percent": percent.encode(),
        "percent, lower case": _lower_escapes(percent).encode(),
        "percent, slashes kept": quote(text).encode(),
        "percent, as a form": quote_plus(text).encode(),
        "percent, twice": quote(percent, safe="").encode(),
        "percent, every byte": every_byte.encode(),
        "percent, every byte twice": quote(every_byte, safe="").encode(),
        "HTML": html.escape(text).encode(),
        "HTML, every letter": "".join(f"&#{ord(letter)};" for letter in text).encode(),
        "Python": repr(text)[1:-1].encode(),
        "Python bytes": repr(raw)[2:-1].encode(),
        "hex": raw.hex().encode(),
        "UTF-16": text.encode("utf-16-le"),
    }
    for shift in range(3):
        found[f"base64 at {shift}"] = _base64_within(raw, shift)
        found[f"base64url at {shift}"] = _base64_within(raw, shift).translate(bytes.maketrans(b"+/", b"-_"))
    return found


def found_in(content: str | bytes) -> list[str]:
    """Which secrets, or parts of them, a text holds in any form; each with its form."""
    searched = (content.encode() if isinstance(content, str) else content).lower()
    return [name for needle, (name, _) in _NEEDLES.items() if needle in searched]


def write_only_found_in(content: str | bytes) -> list[str]:
    """The same, for what goes in and never out."""
    searched = (content.encode() if isinstance(content, str) else content).lower()
    return [name for needle, (name, secret) in _NEEDLES.items() if secret.write_only and needle in searched]


def _lower_escapes(percent: str) -> str:
    first, *rest = percent.split("%")
    return first + "".join(f"%{piece[:2].lower()}{piece[2:]}" for piece in rest)


def _base64_within(raw: bytes, shift: int) -> bytes:
    """What of a text's base64 does not depend on what stands around it, that many bytes behind a multiple of three."""
    whole = raw[(3 - shift) % 3 :]
    return base64.b64encode(whole[: len(whole) // 3 * 3])


def _needles() -> dict[bytes, tuple[str, Secret]]:
    needles: dict[bytes, tuple[str, Secret]] = {}
    for secret in ALL:
        for core in secret.cores:
            for form, needle in forms(core).items():
                needles.setdefault(needle.lower(), (f"{secret.name} ({form})", secret))
    return needles


_NEEDLES = _needles()
"""What to look for, in lower case: hosts are written so, and escapes either way."""
