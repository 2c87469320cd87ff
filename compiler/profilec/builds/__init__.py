"""A build on disk: written in one atomic step, and opened again."""
