"""text -> Tree: the languages that registries are written in, each with a position for every key and value."""
