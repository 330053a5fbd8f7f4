"""The command `contractgen`, also as `python -m contractgen`."""

import sys


def main() -> int:
    """Run the command line; one line where only the service's own dependencies are installed."""
    try:
        from contractgen import cli
    except ModuleNotFoundError as error:
        message = f"contractgen: {error.name} is not installed; it comes with the dependency group `generator`"
        print(message, file=sys.stderr)
        return 2
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
