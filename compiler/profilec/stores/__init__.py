"""Sources that are written: registries in a YAML or JSON file, a SQLite database, or memory."""
