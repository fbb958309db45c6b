#!/usr/bin/python3
"""Runs the tests of the stand-ins and ends with `N passed, N failed`."""
from __future__ import annotations

import importlib.util
import os
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
DEBIAN = "/usr/bin/python3"


class Counted(unittest.TextTestResult):
    """Counts tests: a test with three failed subtests failed once."""

    passed = 0

    def addSuccess(self, test: unittest.TestCase) -> None:
        super().addSuccess(test)
        self.passed += 1

    def failed(self) -> int:
        """A class whose set-up failed counts as one."""
        broken = [*self.failures, *self.errors, *((test, "") for test in self.unexpectedSuccesses)]
        return len({str(getattr(test, "test_case", test)) for test, _ in broken})


def main() -> int:
    """Exit code 0 only when something ran and nothing failed."""
    if importlib.util.find_spec("aiohttp") is None and os.path.realpath(sys.executable) \
            != os.path.realpath(DEBIAN) and os.path.exists(DEBIAN):
        # Another python3 comes first in PATH; the libraries are Debian's.
        os.execv(DEBIAN, [DEBIAN, *sys.argv])
    sys.path.insert(0, str(HERE))
    sys.dont_write_bytecode = True
    suite = unittest.defaultTestLoader.discover(str(HERE), "test_*.py")
    result = unittest.TextTestRunner(verbosity=2 if "-v" in sys.argv else 1,
                                     resultclass=Counted).run(suite)
    print(f"{result.passed} passed, {result.failed()} failed")
    return 0 if result.wasSuccessful() and result.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
