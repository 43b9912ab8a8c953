"""Duty: who is on, announcements, gaps."""
