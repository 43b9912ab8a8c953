"""Broken and hostile requests for every way in, made from a seed."""
