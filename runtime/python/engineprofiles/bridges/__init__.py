"""profile -> a configured client of somebody else's library, one module each, loaded when it is called."""
