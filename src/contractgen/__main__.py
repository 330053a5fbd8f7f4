"""The command `contractgen`, also as `python -m contractgen`."""

import sys


def main() -> int:
    """Run the command line; one line where only the service's own dependencies are installed."""
    try:
        from contractgen.commands import cli
    except ModuleNotFoundError as error:
        hint = "it comes with the dependency group `generator`"
        print(f"contractgen: {error.name} is not installed; {hint}", file=sys.stderr)
        return 2
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
