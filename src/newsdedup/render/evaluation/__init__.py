"""The formats of `evaluate`; one file each."""
