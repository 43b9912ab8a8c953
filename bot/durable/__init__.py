"""What makes a promise hold across a crash: intake, outbox, deadlines, cron, audit log, and the store under them."""
