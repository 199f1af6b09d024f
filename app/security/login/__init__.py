"""Log-in: passwords, second factors, sessions, single sign-on, and the policy that governs them."""
