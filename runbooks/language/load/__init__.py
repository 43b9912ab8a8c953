"""Runbook files as definitions, or every fault of them in one report."""
