"""How findings and answers look: the only place that lays anything out."""
