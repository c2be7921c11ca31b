"""The formats of what the `store` commands report about a store; one file each."""
