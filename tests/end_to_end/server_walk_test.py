"""Each operation of the server's OpenAPI document and each event of its AsyncAPI document is tried on a
real fleet: who may not is refused, who may gets what the document says, down to each member."""

import time
import unittest

from fleet_house import PASSWORD, FleetTest, Person
from forms import Channel, operations_of
from house import WebSocket, slip, until

RANKS = ("open", "viewer", "operator", "owner")
# What an address that leads nowhere is answered where it is not 404.
NOWHERE = {("decideBoxOrigin", "origin"): 422, ("forgetBoxOrigin", "origin"): 422,
           ("getTrace", "trace"): 400, ("postTraceSpan", "trace"): 400, ("getCommands", "box"): 200}
JSON = {"Content-Type": "application/json"}


def soon():
    """A day from now, as the server writes times."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86_400))


class Walk(FleetTest):
    def setUp(self):
        super().setUp()
        self.it = self.server("--server-name", "Corner shops")
        self.operations = operations_of(self.it.request("GET", "/openapi.json").json())
        self.channel = Channel(self.it.request("GET", "/asyncapi.json").json(), "events")
        self.walked, self.queries, self.people = set(), {}, {}

    def call(self, name, by=None, body=None, headers=None, query=None, raw=None, **places):
        """One call; its answer is held against the document."""
        operation = self.operations[name]
        target = operation.target(places)
        if query:
            operation.check_query(query)
            self.queries.setdefault(name, set()).update(query)
            target += "?" + "&".join(f"{key}={str(value).lower()}" for key, value in query.items())
        if body is not None:
            operation.check_body(body)
        how = (operation.method, target, body if raw is None else raw, headers)
        answer = by.request(*how) if by else self.it.request(*how)
        operation.check(answer)
        return answer

    def refusals(self, name, body, places):
        """Whoever may not, and whatever is no request, gets a problem that the document names."""
        operation = self.operations[name]
        owner = self.people.get("owner")

        def refused(status, **how):
            answer = self.call(name, **{**places, **how})
            self.assertEqual(answer.status, status, (name, how, answer))
        refused(421, body=body, by=owner, headers={"Host": "evil.example"})
        if operation.needs in RANKS[1:]:
            refused(401, body=body)
            for rank in RANKS[1:RANKS.index(operation.needs)]:
                refused(403, body=body, by=self.people[rank])
            if operation.method != "GET":
                refused(403, body=body, headers={"Cookie": owner.cookie})  # without the token of the page
        if operation.body is not None:
            refused(415, by=owner, raw=b"{}", headers={"Content-Type": "text/plain"})
            if operation.body["properties"]:
                refused(400, by=owner, raw=b"{", headers=JSON)
                refused(422, by=owner, raw=b"[]", headers=JSON)
        for place in operation.places:
            refused(NOWHERE.get((name, place), 404), by=owner, body=body, **{place: "none"})

    def walk(self, name, status=200, body=None, query=None, headers=None, **places):
        """One operation: first all that is refused, then what is granted."""
        self.refusals(name, body, places)
        answer = self.call(name, self.people.get("owner"), body, headers, query, **places)
        self.assertEqual(answer.status, status, (name, answer))
        self.walked.add(name)
        return answer.json() if answer.body and answer.headers["content-type"].endswith("json") else answer

    def test_each_operation_and_each_event_is_as_the_documents_say(self):
        self.come_in()
        page = self.people["owner"].events("?after=0")
        self.addCleanup(page.close)
        self.look_around()
        room, box, identifier = self.connect()
        self.boxes_and_devices(room, box, identifier)
        self.commands_and_traces(identifier)
        self.listen(page)
        self.neighbours()
        self.go_out()
        self.assertEqual(set(self.operations) - self.walked, set(), "in the document, and not tried here")
        for name, operation in self.operations.items():
            self.assertEqual(set(operation.queries), self.queries.get(name, set()), f"queries of {name}")

    def come_in(self):
        for name in ("getAlive", "getReady", "getVersion", "getOpenapi", "getAsyncapi", "getMetrics"):
            self.walk(name)
        self.refusals("getAnnouncement", None, {})
        self.assertEqual(self.it.request("GET", "/api/v1/announcement?nonce=short").status, 400)
        self.assertEqual(self.walk("getAnnouncement", query={"nonce": "a" * 32})["nonce"], "a" * 32)
        self.assertTrue(self.walk("getSetup")["needed"])
        self.assertIsNone(self.walk("getSession")["person"])
        wanted = {"token": self.it.setup_token(), "name": "Ada", "password": PASSWORD}
        self.assertEqual(self.call("setUp", body={**wanted, "token": "0" * 48}).status, 403)
        self.refusals("setUp", wanted, {})
        self.people["owner"] = Person(self.it, self.call("setUp", body=wanted))
        self.walked.add("setUp")
        self.assertEqual(self.call("setUp", body=wanted).status, 409)
        self.walk("signIn", body={"name": "Ada", "password": PASSWORD})
        self.assertEqual(self.call("signIn", body={"name": "Ada", "password": "not this one"}).status, 401)
        self.assertEqual(self.walk("getSession")["person"]["role"], "owner")
        for name, rank in (("Vera", "viewer"), ("Otto", "operator")):
            added = self.call("addPerson", self.people["owner"], {"name": name, "password": PASSWORD, "role": rank})
            self.assertEqual(added.status, 201, added)
            self.people[rank] = self.it.sign_in(name)

    def look_around(self):
        self.walk("addPerson", 201, {"name": "Bob", "password": PASSWORD})
        self.assertEqual(self.call("addPerson", self.people["owner"], {"name": "bob", "password": PASSWORD}).status, 409)
        people = {each["name"]: each["id"] for each in self.walk("getPeople")["people"]}
        self.walk("changePerson", body={"name": "Bobby", "role": "operator"}, person=people["Bob"])
        self.walk("removePerson", 204, person=people["Bob"])
        made = self.walk("addToken", 201, {"name": "backup", "scope": "read"})
        self.assertEqual(len(self.walk("getTokens")["tokens"]), 1)
        self.walk("removeToken", 204, token=made["id"])
        made = self.walk("makeConnectionToken", 201, {"note": "Kitchen", "boxes": 2, "url": self.it.url,
                                                      "expires": soon()})
        self.assertEqual([each["state"] for each in self.walk("getConnectionTokens")["tokens"]], ["open"])
        self.walk("revokeConnectionToken", 204, token=made["id"])
        shop = self.walk("addPointOfSale", 201, {"name": "Küche ☕"})
        self.assertEqual(self.call("addPointOfSale", self.people["owner"], {"name": "Küche ☕"}).status, 409)
        self.walk("renamePointOfSale", body={"name": "Shop"}, point=shop["id"])
        self.assertEqual([(each["name"], each["boxes"]) for each in self.walk("getPointsOfSale")["points_of_sale"]],
                         [("Shop", 0)])
        self.walk("removePointOfSale", 204, point=shop["id"])
        self.walk("getServer")
        self.walk("getSettings")
        self.walk("changeSettings", body={"server_name": "Läden"})
        self.assertTrue(self.walk("getLimits")["limits"])
        self.assertTrue(self.walk("getHealth")["parts"])
        self.assertTrue(self.walk("getAudit", query={"before": 1000, "limit": 5})["entries"])

    def connect(self):
        """A box with a printer and a scale comes into the fleet by its code."""
        line = self.folder / "line"
        room = self.room("counter", "kitchen", scales={"till": str(line)})
        box = self.box("counter=" + room.address(), f"scale=serial:{line}", arguments=["--server", self.it.url])
        box.sign_in()
        code = box.wait_code()
        self.assertEqual(self.call("claimCode", self.people["owner"], {"code": "bcdf-ghjk"}).status, 404)
        identifier = self.walk("claimCode", body={"code": code})["box"]
        self.it.wait_box(identifier, lambda now: {each["status"]["state"] for each in now["devices"]} == {"ready"}
                         and len(now["devices"]) == 2, "both devices are there and ready")
        self.walk_link()
        here = {"ranges": ["127.0.0.1"], "ports": [box.port]}
        self.assertTrue(self.walk("startDiscovery", 202, here)["running"])
        found = until(lambda: (now := self.walk("getDiscovery")) and not now["running"] and now, "all was asked")
        self.assertEqual([(each["kind"], each["id"], each["paired"]) for each in found["found"]],
                         [("box", identifier, True)])
        self.assertEqual(self.walk("stopDiscovery"), found)
        return room, box, identifier

    def walk_link(self):
        self.refusals("openLink", None, {})
        self.assertEqual(self.call("openLink").status, 426)
        with WebSocket(self.it.port, self.operations["openLink"].path, protocols=["troupe.link.1"]) as link:
            self.assertEqual(link.protocol, "troupe.link.1")
        self.walked.add("openLink")

    def boxes_and_devices(self, room, box, identifier):
        shop = self.call("addPointOfSale", self.people["owner"], {"name": "Shop"}).json()["id"]
        placed = self.walk("changeBox", body={"point_of_sale": shop, "tags": ["till"]}, box=identifier)
        self.assertEqual((placed["point_of_sale_name"], placed["tags"], placed["stage"]), ("Shop", ["till"], "done"))
        answer = self.call("changeBox", self.people["owner"], {"answers_question": True}, box=identifier)
        self.assertEqual(answer.status, 409, "nothing was asked")
        self.assertEqual(self.call("changeBox", self.people["owner"], {"tags": ["x" * 33]}, box=identifier).status, 422)
        until(lambda: self.walk("getBoxLink", box=identifier)["samples"] > 0, "the link is measured")
        listed = self.walk("getBoxes", query={"q": identifier, "tag": "till", "point_of_sale": shop, "state": "ready", "online": True, "sort": "worst",
                                              "limit": 5, "after": "", "fields": "summary"})
        self.assertEqual([each["id"] for each in listed["boxes"]], [identifier])
        self.call("getBoxes", self.people["viewer"])
        self.walk("changeBox", body={"name": "Till 1", "note": "by the door"}, box=identifier)
        self.assertEqual(self.walk("getBox", box=identifier)["note"], "by the door")
        devices = {each["description"]["kind"]: each["description"]["id"]
                   for each in self.walk("getDevices", box=identifier)["devices"]}
        self.walk("getDevice", box=identifier, device=devices["printer"])
        added = self.walk("addDevice", 202, {"name": "kitchen", "address": room.address("kitchen")},
                          headers={"Idempotency-Key": "add"}, box=identifier)
        self.assertEqual(self.it.wait_command(added["id"])["state"], "confirmed")
        kitchen = until(lambda: next((each["description"]["id"] for each in self.it.box(identifier)["devices"]
                                      if each["description"]["name"] == "kitchen"), None), "the device is told")
        self.walk("renameDevice", 202, {"name": "Küche"}, box=identifier, device=kitchen)
        removed = self.walk("removeDevice", 202, box=identifier, device=kitchen)
        self.assertEqual(self.it.wait_command(removed["id"])["state"], "confirmed")
        printed = self.walk("postAction", 202, {"action": "print", "document": {"operations": slip("walk")},
                                                "arguments": {}, "valid_for_s": 600},
                            headers={"Idempotency-Key": "print"}, box=identifier, device=devices["printer"])
        self.assertEqual(self.it.wait_command(printed["id"])["state"], "confirmed")
        blinks = self.walk("blinkBox", 202, {}, box=identifier)
        self.assertEqual(self.it.wait_command(blinks["id"])["state"], "confirmed")
        for name, body in (("decideBoxOrigin", {"decision": "allow"}), ("forgetBoxOrigin", None)):
            decided = self.walk(name, 202, body, box=identifier, origin="https%3A%2F%2Fshop.example")
            self.assertEqual(self.it.wait_command(decided["id"])["state"], "confirmed")
        unknown = self.it.act(identifier, devices["printer"], "juggle")
        self.assertEqual(self.it.wait_command(unknown["id"])["state"], "failed")
        failed = [each["action"] for each in self.it.get(f"/api/v1/boxes/{identifier}/commands")["commands"]
                  if each["state"] == "failed"]
        self.assertEqual(failed, ["juggle"])
        room.play_scale("weight", grams=452)
        self.it.wait_box(identifier, lambda now: "0.452 kg" in [each["status"]["text"] for each in now["devices"]],
                         "the weight is told")
        self.walk("decideCopy", 409, {"decision": "keep"}, box=identifier)

    def commands_and_traces(self, identifier):
        newest = self.walk("getCommands", query={"before": "", "limit": 2}, box=identifier)
        self.assertEqual(len(newest["commands"]), 2)
        command = self.walk("getCommand", command=newest["commands"][0]["id"])
        trace = command["trace"]["trace"]
        click = {"span": "00f067aa0ba902b7", "name": "Print", "start": command["created"], "duration_us": 1500}
        self.walk("postTraceSpan", 204, click, trace=trace)
        self.call("postTraceSpan", self.people["operator"], click, trace=trace)  # again: kept once
        told = [each["span"] for each in self.walk("getTrace", trace=trace)["spans"]
                if each["span"]["place"] == "browser"]
        self.assertEqual([(each["span"], each["duration_us"]) for each in told], [(click["span"], 1500)])
        self.assertEqual(self.call("postTraceSpan", self.people["owner"], click, trace="9" * 32).status, 404)
        asked = {"box": identifier, "device": "", "type": "command.", "before": 10_000, "after": 0, "limit": 100}
        self.assertTrue(self.walk("getEvents", query=asked)["events"])
        restarted = self.walk("restartBox", 202, {}, box=identifier)
        self.assertEqual(self.it.wait_command(restarted["id"])["state"], "confirmed")
        self.it.wait_online(identifier)
        made = self.walk("makeHomepageToken", 201, {}, box=identifier)
        self.assertTrue(made["token"].startswith("troupe-page-1-"))
        made = self.walk("makePageToken", 201, {"origin": "https://shop.example", "actions": ["print"], "devices": ["*"],
                                                "valid_for_s": 60}, box=identifier)
        self.assertTrue(made["token"].startswith("troupe-page-1-"))
        self.walk("removeBox", 204, box=identifier)

    def listen(self, page):
        """All that was told until the box was removed, in the order of its numbers."""
        seen, number = set(), 0
        while "box.removed" not in seen:
            for event in page.receive_json():
                self.channel.check(event, in_list=True)
                seen.add(event["type"])
                if "sequence" in event:
                    self.assertEqual(event["sequence"], number + 1)
                    number += 1
        self.assertLessEqual({
            "pairing.claimed", "point_of_sale.added", "point_of_sale.changed", "point_of_sale.removed", "box.connected", "box.online", "box.offline", "box.changed",
            "device.added", "device.changed", "device.removed", "device.status", "device.value", "device.weight",
            "action.accepted", "action.sent", "action.confirmed", "command.accepted", "command.sent",
            "command.confirmed", "command.failed"}, seen)

    def neighbours(self):
        """A box that knows of no server is found, blinks, and is let in."""
        free = self.box(name="free")
        self.walk("startDiscovery", 202, {"ranges": ["127.0.0.1"], "ports": [free.port]})
        found = until(lambda: (now := self.walk("getDiscovery")) and not now["running"] and now, "all was asked")
        (near,) = found["found"]
        self.assertEqual((near["paired"], near["answers"], near["way"]), (False, True, "sweep"))
        said = free.request("GET", "/api/v1/announcement?nonce=" + found["nonce"]).json()
        seen = self.walk("browserSaw", 200, {"url": near["url"], "announcement": said})
        self.assertEqual(seen["found"], [near], "the server's own finding is the better one")
        self.walk("blinkFound", 202, {"url": near["url"]})
        self.assertEqual(self.walk("adoptBox", 202, {"url": near["url"]})["box"], near["id"])
        self.it.wait_online(near["id"])

    def go_out(self):
        self.walk("changePassword", 204, {"old": PASSWORD, "new": "battery horse"})
        self.walk("signOut", 204)
        self.people["owner"] = self.it.sign_in(password="battery horse")
        self.walk("signOutEverywhere", 204, {})


if __name__ == "__main__":
    unittest.main()
