"""The run-time of every generated package: copied beside its modules, so that it needs no contractgen."""
