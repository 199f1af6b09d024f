"""Second factors: one-time codes (TOTP, RFC 6238), security keys (WebAuthn level 2), recovery codes.

Others import `queries.factors_of`; log-in finds this package through `app.security.login.places`.
"""
