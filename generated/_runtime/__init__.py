"""What every generated package runs on: copied beside its modules, so that it needs no contractgen."""
