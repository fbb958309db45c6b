"""Who may control the stand-ins, and whom they call back."""
from __future__ import annotations

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import common  # noqa: E402


class Trust(unittest.TestCase):
    """Nobody but loopback is near, unless the stand-ins were told so."""

    def setUp(self) -> None:
        self.addCleanup(setattr, common, "TRUST", common.TRUST)

    def test_only_loopback_is_near_by_default(self) -> None:
        self.assertTrue(common.is_near("127.0.0.1"))
        self.assertTrue(common.is_near("::1"))
        self.assertFalse(common.is_near("172.17.0.1"))
        self.assertFalse(common.is_near(None))
        self.assertFalse(common.is_callback_url("http://fund:8081/wechatpay/transfer"))

    def test_a_trusted_network_may_control_and_a_trusted_host_be_called_back(self) -> None:
        common.TRUST = common.Trust.read("fund, 172.16.0.0/12")
        self.assertTrue(common.is_near("172.17.0.1"))
        self.assertFalse(common.is_near("8.8.8.8"))
        self.assertTrue(common.is_callback_url("http://fund:8081/wechatpay/transfer"))
        self.assertFalse(common.is_callback_url("http://fund.example:8081/x"))
        self.assertFalse(common.is_callback_url("http://fund:8081/x?y"))

    def test_a_network_that_is_none_is_refused(self) -> None:
        with self.assertRaises(ValueError):
            common.Trust.read("172.16.0.1/12")


if __name__ == "__main__":
    unittest.main()
