"""The provider, over the network: discovery, code exchange, the ID token and what it must prove.

OpenID Connect Core 1.0, Discovery 1.0 and RP-Initiated Logout 1.0; PKCE by RFC 7636; issuer in the answer by RFC 9207.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.common.urls import add_params_to_uri
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from config import OidcSettings

TIMEOUT = (3.05, 8.0)
LARGEST_ANSWER = 512 * 1024
METADATA_LASTS = 3600.0
KEYS_AGAIN_AFTER = 60.0
LEEWAY = 60
"""Seconds that the clocks of the two servers may differ."""
SIGNATURES = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
"""Signatures with a public key; never `none`, never a shared secret."""


class ProviderDown(Exception):
    """The provider does not answer, or not as a provider does."""


class TokenRefused(Exception):
    """The provider's answer proves nothing; `str` is a short reason for the log."""


@dataclass
class Provider:
    """One configured provider. Discovery is kept for an hour; keys are fetched anew when a token names another."""

    settings: OidcSettings
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _metadata: dict[str, Any] | None = None
    _metadata_at: float = 0.0
    _keys: KeySet | None = None
    _keys_at: float = 0.0

    def metadata(self) -> dict[str, Any]:
        """The provider's own description.

        :raises ProviderDown: not reachable, or it describes somebody else
        """
        with self._lock:
            if self._metadata is None or time.monotonic() - self._metadata_at > METADATA_LASTS:
                found = self._get(self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
                self._check(found)
                self._metadata, self._metadata_at = found, time.monotonic()
            return self._metadata

    def authorization_url(
        self, *, state: str, nonce: str, verifier: str, redirect_uri: str, again: bool
    ) -> str:
        """Where the browser goes. `again`: the person shall show anew who they are."""
        extra: dict[str, Any] = {"prompt": "login", "max_age": 0} if again else {}
        with self._session(redirect_uri) as session:
            url, _ = session.create_authorization_url(
                self.metadata()["authorization_endpoint"],
                state=state,
                nonce=nonce,
                code_verifier=verifier,
                **extra,
            )
        return str(url)

    def exchange(self, code: str, *, verifier: str, redirect_uri: str) -> dict[str, Any]:
        """The tokens for a code.

        :raises TokenRefused: the provider does not know the code, or not any more; :raises ProviderDown
        """
        try:
            with self._session(redirect_uri) as session:
                token = session.fetch_token(
                    self.metadata()["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                    timeout=TIMEOUT,
                    verify=self._verify,
                    allow_redirects=False,
                )
        except AuthlibBaseError as fault:
            raise TokenRefused(f"code: {fault.error}") from fault
        except (requests.RequestException, ValueError) as fault:
            raise ProviderDown(str(fault)) from fault
        if not isinstance(token.get("id_token"), str) or not isinstance(token.get("access_token"), str):
            raise TokenRefused("no ID token")
        return dict(token)

    def claims(
        self, token: Mapping[str, Any], *, nonce: str, now: datetime, again_since: datetime | None = None
    ) -> dict[str, Any]:
        """The claims of a checked ID token, and of the userinfo endpoint where there is one.

        :param again_since: the person must have shown who they are after this
        :raises TokenRefused: signature, issuer, audience, time, nonce or subject is wrong; :raises ProviderDown
        """
        decoded = self._decode(token["id_token"])
        options: Any = {
            "iss": {"essential": True, "value": self.settings.issuer},
            "aud": {"essential": True, "value": self.settings.client_id},
            "sub": {"essential": True},
        }
        params = {
            "nonce": nonce,
            "client_id": self.settings.client_id,
            "access_token": token["access_token"],
            "max_age": 1 if again_since else None,
        }
        try:
            found = CodeIDToken(decoded.claims, decoded.header, options, params)
            found.validate(now=int(now.timestamp()), leeway=LEEWAY)
        except (JoseError, AuthlibBaseError) as fault:
            raise TokenRefused(f"ID token: {fault}") from fault
        except (TypeError, ValueError, AttributeError) as fault:
            raise TokenRefused("ID token: claims of the wrong kind") from fault
        if not isinstance(found["sub"], str) or not found["sub"]:
            raise TokenRefused("ID token: no subject")
        if again_since is not None and found["auth_time"] < again_since.timestamp() - LEEWAY:
            raise TokenRefused("ID token: not authenticated again")
        return {**self._userinfo(str(token["access_token"]), found["sub"]), **found}

    def logout_url(self, *, id_token: str | None, back_to: str, state: str) -> str | None:
        """Where the provider ends its own session; None when it offers that not, or cannot be asked."""
        try:
            endpoint = self.metadata().get("end_session_endpoint")
        except ProviderDown:
            return None
        if not isinstance(endpoint, str) or not self._is_sound(endpoint):
            return None
        values = {"client_id": self.settings.client_id, "post_logout_redirect_uri": back_to, "state": state}
        if id_token:
            values["id_token_hint"] = id_token
        return str(add_params_to_uri(endpoint, list(values.items())))

    def _decode(self, text: str) -> jwt.Token:
        said = self.metadata().get("id_token_signing_alg_values_supported")
        allowed = [a for a in SIGNATURES if a in said] if isinstance(said, list) else ["RS256"]
        try:
            try:
                return jwt.decode(text, self._key_set(), algorithms=allowed)
            except InvalidKeyIdError:
                return jwt.decode(text, self._key_set(again=True), algorithms=allowed)
        except JoseError as fault:
            raise TokenRefused(f"ID token: {fault.error}") from fault
        except (ValueError, TypeError, KeyError) as fault:
            raise TokenRefused("ID token: unreadable") from fault

    def _key_set(self, again: bool = False) -> KeySet:
        uri = self.metadata()["jwks_uri"]
        with self._lock:
            age = time.monotonic() - self._keys_at
            if self._keys is None or age > METADATA_LASTS or (again and age > KEYS_AGAIN_AFTER):
                found = self._get(uri).get("keys")
                usable = [
                    key
                    for key in (found if isinstance(found, list) else [])
                    if isinstance(key, dict)
                    and key.get("kty") in ("RSA", "EC", "OKP")
                    and key.get("use") != "enc"
                ]
                try:
                    self._keys = KeySet.import_key_set({"keys": usable})  # type: ignore[typeddict-item]
                except (JoseError, ValueError, TypeError, KeyError) as fault:
                    raise ProviderDown("its keys cannot be read") from fault
                self._keys_at = time.monotonic()
            return self._keys

    def _userinfo(self, access_token: str, subject: str) -> dict[str, Any]:
        endpoint = self.metadata().get("userinfo_endpoint")
        if not isinstance(endpoint, str) or not self._is_sound(endpoint):
            return {}
        found = self._get(endpoint, {"Authorization": f"Bearer {access_token}"})
        if found.get("sub") != subject:
            raise TokenRefused("userinfo: another subject")
        return found

    def _check(self, found: dict[str, Any]) -> None:
        if found.get("issuer") != self.settings.issuer:
            raise ProviderDown(f"it calls itself {found.get('issuer')!r}")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not isinstance(found.get(name), str) or not self._is_sound(found[name]):
                raise ProviderDown(f"it names no usable {name}")
        methods = found.get("code_challenge_methods_supported")
        if isinstance(methods, list) and "S256" not in methods:
            raise ProviderDown("it does not know PKCE with S256")

    def _is_sound(self, url: str) -> bool:
        """An endpoint is reached as safely as the issuer itself."""
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.scheme in {"https", urlsplit(self.settings.issuer).scheme}

    @property
    def _verify(self) -> str | bool:
        return str(self.settings.ca_file) if self.settings.ca_file else True

    def _session(self, redirect_uri: str) -> OAuth2Session:
        session = OAuth2Session(
            self.settings.client_id,
            self.settings.client_secret,
            scope=" ".join(self.settings.mapping.scopes),
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )
        session.trust_env = False
        return session

    def _get(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """A JSON object, not too large, without being led elsewhere."""
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.get(
                    url,
                    headers={"Accept": "application/json", **(headers or {})},
                    timeout=TIMEOUT,
                    verify=self._verify,
                    allow_redirects=False,
                    stream=True,
                )
                if answer.status_code != 200:
                    raise ProviderDown(f"{urlsplit(url).path} answers {answer.status_code}")
                found = json.loads(answer.raw.read(LARGEST_ANSWER, decode_content=True))
        except (requests.RequestException, OSError, ValueError) as fault:
            raise ProviderDown(f"{urlsplit(url).path}: {type(fault).__name__}") from fault
        if not isinstance(found, dict):
            raise ProviderDown(f"{urlsplit(url).path} answers no JSON object")
        return found
