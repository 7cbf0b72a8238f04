"""Builds on machines without a network, or without a route to the release server."""

from __future__ import annotations

import shutil
import sys
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / path) for path in ("..", "support/python")]

import harness
import namespaces
from outcome import OutcomeTest, words
from tools import signing_keys

NAME = "releases.mesh.test"


@unittest.skipUnless(namespaces.available(), "needs root, to make networks")
class IsolatedTest(OutcomeTest):
    """A build in a network of its own, without the release server."""

    product = "integration"

    def setUp(self) -> None:
        super().setUp()
        self.server.publish_applink("v1.2.3", harness.applink_standin().read_bytes(), signing_keys.publisher())
        self.world.config(HEROKU_SERVICE_MESH_PRODUCT=self.product)
        self.world.environment["CURL_TIMEOUT"] = "1"  # short limits: a retry does not help here

    def setting(self, name: str, value: str | bytes) -> None:
        self.world.config(**{f"HEROKU_{self.product.upper()}_SERVICE_MESH_{name}": value})

    def isolate(self, arrangement: str, *also: str) -> None:
        self.world.namespaces = (*namespaces.NETWORK, *also)
        self.world.arrangement = arrangement

    def use_hosts(self, arrangement: str, *addresses: str) -> None:
        """Sets the addresses of the release server's name for the build."""
        hosts = self.world.root / "hosts"
        hosts.write_text("".join(f"{address} {NAME}\n" for address in addresses))
        several = self.world.root / "host.conf"
        several.write_text("multi on\n")  # otherwise only a name's first line counts
        mounts = f"mount --bind '{hosts}' /etc/hosts; mount --bind '{several}' /etc/host.conf"
        self.isolate(f"{arrangement}\n{mounts}", *namespaces.MOUNTS)
        self.setting("BASE_URL", f"https://{NAME}")


class OfflineTest(IsolatedTest):
    def test_missing_network_is_reported(self) -> None:
        self.isolate("")
        del self.world.environment["CURL_TIMEOUT"]
        done = self.assert_fails("network::offline", "platform")
        self.assertIn("(Network is unreachable) (5 attempts)", words(done.stderr))

    def test_failed_name_lookup_without_a_network_is_reported_as_offline(self) -> None:
        self.setting("BASE_URL", f"https://{NAME}")
        for arrangement in ("", namespaces.LOOPBACK):
            with self.subTest(arrangement):
                self.isolate(arrangement)
                self.assertIn(NAME, words(self.assert_fails("network::offline", "platform").stderr))

    def test_failed_name_lookup_with_a_network_is_reported_as_dns(self) -> None:
        self.setting("BASE_URL", f"https://{NAME}")
        self.isolate(namespaces.DEAD_END)
        self.assertIn(NAME, words(self.assert_fails("network::dns", "upstream").stderr))

    def test_missing_route_to_the_server_is_reported(self) -> None:
        self.setting("BASE_URL", "https://198.51.100.7")
        for kind, answer in (("", "Network is unreachable"), ("unreachable", "No route to host")):
            with self.subTest(kind):
                self.isolate(namespaces.DEAD_END + (f"ip route add {kind} 198.51.100.0/24" if kind else ""))
                self.assertIn(answer, words(self.assert_fails("network::offline", "platform").stderr))

    def test_missing_route_to_all_addresses_is_reported_as_offline(self) -> None:
        self.use_hosts(namespaces.DEAD_END, "198.51.100.7", "2001:db8:7::7", "198.51.100.8")
        self.assert_fails("network::offline", "platform")

    def test_refused_connection_at_one_address_is_reported_as_connect(self) -> None:
        for addresses in (("2001:db8:7::7", "127.0.0.1"), ("127.0.0.1", "198.51.100.7")):
            with self.subTest(addresses):
                self.use_hosts(namespaces.LOOPBACK, *addresses)
                self.assert_fails("network::connect", "upstream")

    def test_missing_route_to_the_proxy_is_reported_as_proxy(self) -> None:
        self.world.config(https_proxy="http://198.51.100.7:3128")
        self.isolate(namespaces.DEAD_END)
        done = self.assert_fails("network::proxy", "user")
        self.assertIn("198.51.100.7", words(done.stderr))

    def test_cached_binary_suffices_without_a_network(self) -> None:
        self.world.keep_binaries = True
        for version, status in (("latest", "stale"), ("v1.2.3" if self.product == "applink" else self.TAG, "hit")):
            with self.subTest(version):
                self.world.namespaces = ()
                self.setting("RELEASE_VERSION", version)
                self.assertEqual(self.compile().code, 0)
                shutil.rmtree(self.world.build / "vendor")
                self.isolate("")
                done = self.compile()
                self.assertEqual(done.code, 0, done.output)
                self.assertEqual(self.report()["cache_status"], status)


class TrustTest(IsolatedTest):
    def test_missing_certificate_authorities_are_reported(self) -> None:
        del self.world.environment["SSL_CERT_FILE"]
        hide = "for place in /etc/ssl /etc/pki; do [ ! -e $place ] || mount -t tmpfs tmpfs $place; done"
        self.isolate(hide, *namespaces.MOUNTS)
        self.assert_fails("platform::no-ca-bundle", "platform")


class AppLinkOfflineTest(OfflineTest):
    product = "applink"


if __name__ == "__main__":
    unittest.main()
