"""The local chat page, in Debian's Chromium, on the running service."""
