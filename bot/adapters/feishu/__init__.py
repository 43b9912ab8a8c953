"""Feishu (Lark): the app bot (events, cards, messages) and, for a group of its own, the custom robot."""
