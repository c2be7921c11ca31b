"""The formats of stories, for `ingest`, `store show` and `store export`; one file each."""
