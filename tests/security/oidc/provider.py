"""A provider of our own that answers what a test tells it to: for tokens that no honest provider would sign."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, jsonify, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT = "portal"


class Liar:
    """Signs with `key`, publishes `published`; `claims`, `header` and `metadata` overwrite what would be right."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.published = [self.key]
        self.issuer = ""
        self.nonce = self.challenge = ""
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.token: dict[str, Any] = {}
        self.raw: str | None = None
        self.status = 200
        self.asked: list[str] = []

    def id_token(self) -> str:
        if self.raw is not None:
            return self.raw
        now = int(time.time())
        said = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "s-1",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "employee_number": "police_clerk",
        }
        claims = {k: v for k, v in (said | self.claims).items() if v is not None}
        header = {"alg": "RS256", "kid": "one"} | self.header
        return jwt.encode(header, claims, self.key, algorithms=[header["alg"]])

    def app(self) -> Flask:
        app = Flask("liar")

        @app.get("/.well-known/openid-configuration")
        def description() -> Any:
            self.asked.append("description")
            said = {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            }
            return jsonify(said | self.metadata), self.status

        @app.get("/jwks")
        def keys() -> Any:
            self.asked.append("keys")
            return jsonify(keys=[key.as_dict(private=False) for key in self.published])

        @app.post("/token")
        def token() -> Any:
            self.asked.append("token")
            verifier = hashlib.sha256(request.form["code_verifier"].encode()).digest()
            if base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() != self.challenge:
                return jsonify(error="invalid_grant"), 400
            said = {"access_token": "a", "token_type": "Bearer", "id_token": self.id_token()}
            return jsonify({k: v for k, v in (said | self.token).items() if v is not None})

        return app


@contextmanager
def running(liar: Liar) -> Iterator[Liar]:
    server = make_server("127.0.0.1", 0, liar.app(), threaded=True)
    liar.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield liar
    finally:
        server.shutdown()
        thread.join(2)
        server.server_close()
