"""The formats of `compare`; one file each."""
