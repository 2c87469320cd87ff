"""settings + messages -> requests, and answers -> replies: one module for each protocol, all of them pure."""
