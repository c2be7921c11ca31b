"""Find news articles that tell the same report, and merge each story into one canonical article."""

import logging

logging.getLogger("newsdedup").addHandler(logging.NullHandler())
