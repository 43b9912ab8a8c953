"""Runtime for those who work on the code; nothing of the service imports them."""
