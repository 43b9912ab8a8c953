"""Runs as rows: who may, where each stands, what is said of it, and the worker that carries them out."""
