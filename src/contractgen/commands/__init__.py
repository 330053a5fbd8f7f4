"""The command line: one module for each command, called as the command."""
