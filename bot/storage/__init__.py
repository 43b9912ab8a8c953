"""What is kept: the store with its group commit, the tables and their migrations, the audit log, the clock, the lock."""
