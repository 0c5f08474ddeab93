"""The entry point of `python -m glassnet`."""

from glassnet.cli import main

if __name__ == "__main__":
    main()
