"""The recorder: a plain chat platform for tests of the whole service."""
