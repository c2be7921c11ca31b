"""The formats of `check`; one file each.

`text` is for the terminal, `github` and `markdown` for a pull request, `sarif` and `junit` for services that read them.
Article text can break each of them in a different way, so each does its own escaping.
"""
