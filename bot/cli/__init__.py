"""The commands of ``zhiban``, one module each with ``main(args) -> exit code``; what they take is in ``arguments``."""
