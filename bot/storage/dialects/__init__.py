"""The two files that know which database it is; nothing else does."""
