"""The benchmark: ratios to baselines that run beside it, in the same run on the same machine."""
