"""Messages to people: in the portal and by e-mail, from templates, behind the outbox."""
