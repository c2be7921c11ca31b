"""`python -m newsdedup`."""

from newsdedup.cli import run

if __name__ == "__main__":
    run()
