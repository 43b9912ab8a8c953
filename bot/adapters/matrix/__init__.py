"""Matrix: a bot account on a homeserver, over the plain client-server API (spec v1.11)."""
