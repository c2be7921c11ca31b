"""The gate: what of the articles in a repository is new, and whether it may come in."""
