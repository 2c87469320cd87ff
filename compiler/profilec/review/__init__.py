"""What is asked of a finished build, from sources or from its directory alone."""
