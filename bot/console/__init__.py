"""The web pages: one run with everything so far."""
