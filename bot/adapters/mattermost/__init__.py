"""Mattermost: a bot account that posts and changes, webhooks and slash commands that are heard, buttons that are signed."""
