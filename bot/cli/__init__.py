"""The commands of ``zhiban``, one module each: ``add_arguments(parser)`` and ``main(args) -> exit code``."""
