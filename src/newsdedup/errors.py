"""The errors that newsdedup raises, with one root class. A message says what is wrong, where, and what to do."""


class NewsdedupError(Exception):
    """Base class of all errors that newsdedup raises on purpose; `str(error)` is one complete line."""


class InputError(NewsdedupError):
    """A path or value given by the user cannot be used: no such file, a glob without matches, an item of another type.

    A broken record or file *inside* a folder, and an item without text, is not an error but a `Rejected` value.
    """


class ConfigError(NewsdedupError):
    """A setting is unknown, has the wrong type or is out of range; the message names the file or variable."""


class MissingExtraError(NewsdedupError):
    """A format needs a library that is not installed; the message contains the command that installs it."""


class ModelError(NewsdedupError):
    """A model or IDF table cannot be read, or was made for another version of the signals."""


class LexiconError(NewsdedupError):
    """The cleaning lexicon has a line that cannot be used; the message names the file and the line."""


class OutputError(NewsdedupError):
    """The output cannot be written: the folder does not exist, permission is denied, or the disk is full."""


class LabelsError(NewsdedupError):
    """Labels, or the stories to evaluate, cannot be used: a row is broken, or an article is in no story."""


class GitError(NewsdedupError):
    """Git cannot list what is new since a commit: no git, no repository, no such commit, or too little history."""


class StoreError(NewsdedupError):
    """A store cannot be used: it is missing, damaged, locked, full, or from another program or version."""


class WorkerError(NewsdedupError):
    """A worker process cannot be started, or was killed."""


class UnknownArticleError(NewsdedupError, KeyError):
    """No story of a result has an article of this id."""

    __str__ = Exception.__str__  # KeyError shows its message in quotes


def temporary_folder_error(error: OSError) -> OutputError:
    """Return the error to raise if the temporary folder of a run cannot be written."""
    reason = error.strerror or str(error)
    return OutputError(f"the temporary folder cannot be written: {reason}; set TMPDIR to a folder with free space")
