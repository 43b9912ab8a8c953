"""A site's own runbooks on scratch hosts: ``zhiban runbooks test``."""
