"""The people of an area: accounts, memberships, invitations, moves and leaving, by delegation."""
