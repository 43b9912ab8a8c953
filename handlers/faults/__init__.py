"""Faults and the clocks on them: reports, answers, the ladder, routing."""
