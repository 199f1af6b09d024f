"""A security key in software: what a browser hands on from a real one (W3C Web Authentication, level 2)."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One key with one credential. `count` goes up with every use; None for keys that do not count."""

    origin: str
    rp_id: str
    count: int | None = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def create(self, options: dict[str, Any], **changes: Any) -> str:
        """The answer to the options of a registration; `changes` overwrite what the browser would say."""
        client = self._client("webauthn.create", options, changes)
        attested = (
            bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + self._public()
        )
        data = self._data(PRESENT | ATTESTED, changes) + attested
        statement = {"fmt": "none", "attStmt": {}, "authData": data}
        return self._answer(
            clientDataJSON=client, attestationObject=cbor2.dumps(statement), transports=["usb"]
        )

    def get(self, options: dict[str, Any], **changes: Any) -> str:
        """The answer to the options of a log-in."""
        client = self._client("webauthn.get", options, changes)
        if self.count is not None:
            self.count += 1
        data = self._data(changes.get("flags", PRESENT | VERIFIED), changes)
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signed)

    def _client(self, kind: str, options: dict[str, Any], changes: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | changes.get("client", {})).encode()

    def _data(self, flags: int, changes: dict[str, Any]) -> bytes:
        rp_id = changes.get("rp_id", self.rp_id)
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + (self.count or 0).to_bytes(4, "big")

    def _public(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _answer(self, **parts: Any) -> str:
        said = {k: bytes_to_base64url(v) if isinstance(v, bytes) else v for k, v in parts.items()}
        name = bytes_to_base64url(self.credential_id)
        return json.dumps(
            {"id": name, "rawId": name, "type": "public-key", "response": said, "clientExtensionResults": {}}
        )


def challenge_of(options: dict[str, Any]) -> bytes:
    return base64url_to_bytes(options["challenge"])
