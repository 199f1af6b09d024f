"""经营场所: where a target does its business, beside the registered address."""
