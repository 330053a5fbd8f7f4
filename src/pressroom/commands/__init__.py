"""The commands of the command line: a module for each, imported only when it runs."""
