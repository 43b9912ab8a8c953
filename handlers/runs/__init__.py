"""Runs in the chat: ask for a runbook, confirm it, follow it, end it. The runner does the rest."""
