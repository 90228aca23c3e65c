"""Boxes are found and taken in through networks as shops have them, made of namespaces: by multicast, by ordinary
DNS and by asking addresses; over IPv4 and IPv6; through changes of address and cuts."""

import json
import shutil
import time
import unittest
from pathlib import Path

import network
from fleet_house import FleetTest, Server
from house import Box, until

WHY_NOT = network.forbidden()
LOUD = {"TROUPE_BOX_DISCOVERY_ANNOUNCE": "true", "TROUPE_SERVER_DISCOVERY_LISTEN": "true",
        "TROUPE_SERVER_DISCOVERY_RANGES": "127.0.0.1"}
OWN = {"TROUPE_BOX_DISCOVERY_RESPONDER": "own", "TROUPE_SERVER_DISCOVERY_RESPONDER": "own"}


@unittest.skipIf(WHY_NOT, f"network namespaces are forbidden here: {WHY_NOT}")
class Networks(FleetTest):
    def setUp(self):
        super().setUp()
        self.net = network.Network()
        self.addCleanup(self.net.end)
        self.places = {}

    def server_at(self, host, environment=None):
        server = Server(self.folder / f"server-{host.name}", ["--listen", "::"], {**LOUD, **OWN, **(environment or {})},
                        port=8080, before=host.enter)
        self.places[server] = host
        host.do(server.start)
        self.addCleanup(server.program.stop)
        host.do(server.key)
        return server

    def box_at(self, host, *arguments, environment=None, folder=None):
        box = Box(folder or self.folder / f"box-{host.name}", arguments=list(arguments), port=8069, before=host.enter, start=False,
                  environment={**LOUD, **OWN, **(environment or {})})
        self.places[box] = host
        host.do(box.start)
        self.addCleanup(lambda: box.program.stop() if box.program.running() else None)
        return box

    def at(self, thing, work):
        return self.places[thing].do(work)

    def found(self, server):
        return self.at(server, lambda: server.get("/api/v1/discovery"))["found"]

    def wait_found(self, server, check, what):
        def good():
            found = [each for each in self.found(server) if check(each)]
            return found[0] if found else None
        return until(good, what, seconds=30, pause=0.05)

    def adopt(self, server, box, found):
        answer = self.at(server, lambda: server.owner("POST", "/api/v1/discovery/adopt", {"url": found["url"]}))
        self.assertEqual(answer.status, 202, answer)
        self.at(server, lambda: server.wait_online(found["id"]))
        self.at(box, box.wait_linked)

    def name_box(self, box, name):
        answer = self.at(box, lambda: box.owner("PATCH", "/api/v1/box", {"name": name}))
        self.assertEqual(answer.status, 200, answer)

    def test_one_segment_the_boxes_are_found_blink_and_come(self):
        lan = self.net.segment("lan")
        server = self.server_at(self.net.host("server").plug(lan, "192.168.7.1/24"))
        begun = time.monotonic()
        box = self.box_at(self.net.host("till").plug(lan, "192.168.7.2/24"))
        found = self.wait_found(server, lambda each: each["kind"] == "box" and each["answers"], "the box is found by multicast")
        print(f"found {time.monotonic() - begun:.1f} s after the box's start")
        self.assertEqual((found["way"], found["url"], found["paired"]), ("mdns", "http://192.168.7.2:8069/", False))
        with self.at(box, box.events) as events:
            answer = self.at(server, lambda: server.owner("POST", "/api/v1/discovery/blink", {"url": found["url"]}))
            self.assertEqual((answer.status, answer.json()), (202, {"printed": False}))
            until(lambda: json.loads(events.receive())["type"] == "box.blinked", "the box blinks")
        self.adopt(server, box, found)
        self.wait_found(server, lambda each: each["paired"], "it says that it has a server")
        # Nobody else takes it in now, nor lets it blink.
        for path, body in (("/api/v1/pairing/adoption", {"token": "x"}), ("/api/v1/blink", {})):
            refused = self.at(server, lambda: box.request("POST", path, body, address="192.168.7.2"))  # noqa: B023
            self.assertEqual(refused.status, 401, refused)
        self.at(box, box.stop)
        until(lambda: not self.found(server), "its goodbye is heard", seconds=30)

    def test_the_same_name_twice(self):
        lan = self.net.segment("lan")
        server = self.server_at(self.net.host("server").plug(lan, "192.168.7.1/24"))
        boxes = [self.box_at(self.net.host(name).plug(lan, f"192.168.7.{at}/24")) for name, at in (("one", 2), ("two", 3))]
        for box in boxes:
            self.name_box(box, "Kasse Süd 🥐")
        until(lambda: len([each for each in self.found(server) if each.get("name") == "Kasse Süd 🥐" and each["answers"]]) == 2,
              "both are found", seconds=30)
        names = {until(lambda: self.at(box, lambda: box.owner("GET", "/api/v1/box").json())["announced"]["name"], "it is announced")  # noqa: B023
                 for box in boxes}
        def apart():
            found = [self.at(box, lambda: box.owner("GET", "/api/v1/box").json())["announced"]["name"] for box in boxes]  # noqa: B023
            return len(set(found)) == 2 and all(each.startswith("Kasse Süd 🥐") for each in found)
        until(apart, f"each has a name of its own in the network: {names}", seconds=30)

    @unittest.skipUnless(shutil.which("avahi-daemon") and shutil.which("dbus-daemon"), "avahi-daemon or dbus is missing")
    def test_by_the_machines_avahi(self):
        lan = self.net.segment("lan")
        hosts = [self.net.host(name).plug(lan, f"192.168.7.{at}/24") for name, at in (("server", 1), ("till", 2))]
        buses = [network.avahi(host, self.folder / f"avahi-{host.name}") for host in hosts]
        auto = {"TROUPE_BOX_DISCOVERY_RESPONDER": "auto", "TROUPE_SERVER_DISCOVERY_RESPONDER": "auto"}
        server = self.server_at(hosts[0], {**auto, **buses[0]})
        box = self.box_at(hosts[1], environment={**auto, **buses[1]})
        found = self.wait_found(server, lambda each: each["answers"], "the box is found by Avahi")
        self.assertEqual((found["kind"], found["way"]), ("box", "mdns"))
        box.program.wait_line("by Avahi")
        self.adopt(server, box, found)

    def test_only_ipv6(self):
        lan = self.net.segment("lan")
        server = self.server_at(self.net.host("server").plug(lan, "fd07::1/64"))
        box = self.box_at(self.net.host("till").plug(lan, "fd07::2/64"))
        found = self.wait_found(server, lambda each: each["answers"], "the box is found over IPv6")
        self.assertEqual(found["url"], "http://[fd07::2]:8069/")
        self.adopt(server, box, found)

    def test_two_networks_without_multicast_between_them(self):
        office, shop = self.net.segment("office"), self.net.segment("shop")
        router = self.net.host("router").plug(office, "10.1.0.254/24").plug(shop, "10.2.0.254/24", interface="eth1")
        router.do(lambda: Path("/proc/sys/net/ipv4/ip_forward").write_text("1"))
        hosts = {}
        for name, segment, net in (("server", office, 1), ("till", shop, 2)):
            hosts[name] = self.net.host(name).plug(segment, f"10.{net}.0.5/24")
            hosts[name].ip("route", "add", "default", "via", f"10.{net}.0.254")
        server = self.server_at(hosts["server"])
        box = self.box_at(hosts["till"])
        search = self.at(server, lambda: server.owner("POST", "/api/v1/discovery", {"ranges": ["10.2.0.0/28"]}))
        self.assertEqual(search.status, 202, search)
        found = self.wait_found(server, lambda each: each["answers"], "the box is found by asking")
        self.assertEqual((found["way"], found["url"]), ("sweep", "http://10.2.0.5:8069/"))
        self.adopt(server, box, found)

    @unittest.skipUnless(shutil.which("dnsmasq"), "dnsmasq is missing")
    def test_by_ordinary_dns(self):
        lan = self.net.segment("lan")
        host, till = (self.net.host(name).plug(lan, f"192.168.7.{at}/24") for name, at in (("server", 1), ("till", 2)))
        box = self.box_at(till, environment={"TROUPE_BOX_DISCOVERY_ANNOUNCE": "false"})
        said = self.at(box, lambda: box.request("GET", "/api/v1/announcement?nonce=0123456789abcdef")).json()
        # What the operator writes into the zone, as the box prints it.
        records = self.at(box, lambda: box.owner("GET", "/api/v1/box")).json()["announced"]["records"]
        self.assertTrue(any(each.startswith("txtvers=") for each in records), records)
        name = "till._troupe._tcp.shop.test"
        host.start("dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--port=53", "--listen-address=127.0.0.1",
                   "--bind-interfaces", "--user=root", "--pid-file=", "--conf-file=/dev/null",
                   f"--ptr-record=_troupe._tcp.shop.test,{name}", f"--srv-host={name},till.shop.test,8069",
                   "--txt-record=" + ",".join([name, *records]), "--address=/till.shop.test/192.168.7.2")
        resolv = self.folder / "resolv.conf"
        resolv.write_text("nameserver 127.0.0.1\n")
        host.name_servers = resolv
        server = self.server_at(host, {"TROUPE_SERVER_DISCOVERY_DOMAINS": "shop.test"})
        self.at(server, lambda: server.owner("POST", "/api/v1/discovery", {}))
        found = self.wait_found(server, lambda each: each["answers"], "the box is found in the domain")
        self.assertEqual((found["way"], found["url"], found["id"]), ("dns", "http://192.168.7.2:8069/", said["id"]))

    def test_an_address_that_changes_and_a_cut(self):
        lan = self.net.segment("lan")
        till = self.net.host("till").plug(lan, "192.168.7.2/24")
        server = self.server_at(self.net.host("server").plug(lan, "192.168.7.1/24"))
        box = self.box_at(till)
        found = self.wait_found(server, lambda each: each["answers"], "the box is found")
        self.adopt(server, box, found)
        till.address("del", "192.168.7.2/24")
        till.address("add", "192.168.7.40/24")
        self.wait_found(server, lambda each: each["url"] == "http://192.168.7.40:8069/" and each["answers"], "it is found where it is now")
        self.at(server, lambda: server.wait_box(found["id"], lambda now: now["online"] and "192.168.7.40" in now["report"]["addresses"],
                                                "the link is there again", seconds=60))
        till.link("down")
        time.sleep(2)  # a cut, not a wait for something
        till.link("up")
        self.at(box, lambda: box.wait_linked(60))
        self.at(server, lambda: server.wait_online(found["id"], seconds=60))


if __name__ == "__main__":
    unittest.main()
