"""Single sign-on by OpenID Connect: one provider, configured, with claims mapped to accounts, agencies and roles."""
