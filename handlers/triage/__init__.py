"""Triage: what a message in a group is (fault, question, request, other), and which way it goes."""
