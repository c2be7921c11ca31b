"""The errors newsdedup raises: one root, each message complete (what is wrong, where, what to do)."""


class NewsdedupError(Exception):
    """Root of every error raised on purpose; `str(error)` is one complete line."""


class InputError(NewsdedupError):
    """A path the user named cannot be used: it does not exist, or a glob matches nothing.

    What is found broken *inside* a folder or a file is not an error but a `Rejected` value.
    """


class ConfigError(NewsdedupError):
    """A setting is unknown, of the wrong type or out of range; names the file or variable it came from."""


class ModelError(NewsdedupError):
    """A model or background file cannot be read, or was made for another version of the signals."""


class OutputError(NewsdedupError):
    """The output cannot be written: no such folder, no permission, no space left."""


class LabelsError(NewsdedupError):
    """Labels, or the stories to hold against them, cannot be used: a row is broken, an article stands in no story."""


class GitError(NewsdedupError):
    """Git cannot tell what is new since a commit: no git, no repository, no such commit, too little history."""


class StoreError(NewsdedupError):
    """A store cannot be used: no store, damaged, of another program or version, held by another, full."""


def unwritable(error: OSError) -> OutputError:
    """Return what to tell the user where the temporary folder of a run cannot be written."""
    reason = error.strerror or str(error)
    return OutputError(f"the temporary folder cannot be written: {reason}; name a disk with room in TMPDIR")
