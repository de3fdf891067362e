"""`python app.py`: the whole product on this machine. Servers use `app:create_app()` instead."""

import sys

from app.server.launcher import main

if __name__ == "__main__":
    sys.exit(main())
