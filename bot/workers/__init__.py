"""The workers between the rows and the world: dispatcher, sender, waker, cron, auditor."""
