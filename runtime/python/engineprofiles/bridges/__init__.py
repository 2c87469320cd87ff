"""profile -> a configured client of somebody else's library. Each module needs the library of its name, and is loaded when called."""
