"""`python -m leadproof`."""

from leadproof.cli import main

if __name__ == "__main__":
    main()
