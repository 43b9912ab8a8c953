"""What a runbook file may say, and what the words of a command become."""
