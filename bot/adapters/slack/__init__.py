"""Slack: events, slash commands and buttons in, over HTTP or Socket Mode; messages, updates and files out."""
