"""Run every benchmark and print its ratio beside the limit."""

import sys

from benchmarks import http

if __name__ == "__main__":
    sys.exit(http.main())
