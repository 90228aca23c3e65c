"""ePOS-Print: the recorded request and the answers with their status bits."""

import base64
import re
import unittest
import xml.etree.ElementTree as tree

from house import DATA, TILL_ORIGIN, HouseTest, until
from pictures import Bitmap

SERVICE = "/cgi-bin/epos/service.cgi?devid=local_printer&timeout=10000"
NAMESPACE = "{http://www.epson-pos.com/schemas/2011/03/epos-print}"

# Bits of the answer's status: Epson's ePOS-Print XML reference.
PRINTED, DRAWER, OFFLINE, COVER_OPEN = 0x02, 0x04, 0x08, 0x20
NEAR_END, PAPER_END = 0x20000, 0x80000


def envelope(content):
    return ('<?xml version="1.0" encoding="utf-8"?>'
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
            '<epos-print xmlns="http://www.epson-pos.com/schemas/2011/03/epos-print">'
            f"{content}</epos-print></s:Body></s:Envelope>")


class Epos(HouseTest):
    def ask(self, box, body, path=SERVICE, origin=TILL_ORIGIN):
        answer = box.request("POST", path, body,
                             {"Origin": origin, "Content-Type": "text/xml; charset=utf-8",
                              "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT", "SOAPAction": '""'})
        self.assertEqual(answer.status, 200, answer)
        self.assertTrue(answer.headers["content-type"].startswith("text/xml"), answer.headers)
        response = tree.fromstring(answer.body).find(f".//{NAMESPACE}response")
        self.assertIsNotNone(response, answer)
        return response.get("success"), response.get("code"), int(response.get("status"))

    def test_the_recorded_request_prints(self):
        room, box = self.house()
        success, code, status = self.ask(box, (DATA / "epos-print-receipt.xml").read_bytes())
        self.assertEqual((success, code), ("true", ""))
        self.assertEqual(status & PRINTED, PRINTED)
        self.assertEqual(status & (OFFLINE | COVER_OPEN | PAPER_END), 0)
        (receipt,) = room.wait_receipts(1)
        self.assertEqual(receipt["text"].strip(), "[picture 512x757]")
        paper = room.paper(receipt["id"]).column_range(32, 512).trimmed()
        self.assertEqual(paper.rows, self.sent_dots().trimmed().rows, "dot for dot what was sent")

    def sent_dots(self):
        """The raster of the recorded request."""
        sent = re.search(r"<image[^>]*>([^<]*)<", (DATA / "epos-print-receipt.xml").read_text())[1]
        raster = base64.b64decode(sent)
        return Bitmap(512, [int.from_bytes(raster[at:at + 64], "big") for at in range(0, len(raster), 64)])

    def test_pulse_opens_the_drawer_and_prints_nothing(self):
        room, box = self.house()
        self.assertEqual(self.ask(box, envelope("<pulse/>"))[:2], ("true", ""))
        until(lambda: room.printer()["drawer"] == "open", "the drawer opens")
        self.assertEqual(room.settled()["receipts"], 0)
        self.assertEqual(room.hanging(), 0)

    def test_paper_out_is_told_and_nothing_is_printed_twice(self):
        room, box = self.house()
        room.play("counter", "paper", state="out")
        box.wait_device(lambda status: status["code"] == "ERROR_NO_PAPER", "paper is out")
        body = envelope("<text>only once&#10;</text><cut/>")
        for _ in range(3):
            success, code, status = self.ask(box, body)
            self.assertEqual((success, code), ("false", "EPTR_REC_EMPTY"))
            self.assertEqual(status & PAPER_END, PAPER_END)
        room.play("counter", "paper", state="in")
        box.wait_ready()
        self.assertEqual(self.ask(box, body)[:2], ("true", ""))
        # The till was told "not printed" three times: only the fourth may be on paper.
        (receipt,) = room.wait_receipts(1)
        self.assertEqual(receipt["text"].count("only once"), 1)
        self.assertEqual(room.settled()["receipts"], 1)

    def test_cover_and_low_paper(self):
        room, box = self.house()
        room.play("counter", "cover", state="open")
        box.wait_device(lambda status: status["details"]["cover_open"], "the cover is open")
        success, code, status = self.ask(box, envelope("<text>x</text><cut/>"))
        self.assertEqual((success, code, status & COVER_OPEN), ("false", "EPTR_COVER_OPEN", COVER_OPEN))
        room.play("counter", "cover", state="closed")
        room.play("counter", "paper", state="low")
        box.wait_device(lambda status: status["code"] == "WARNING_LOW_PAPER", "paper is low")
        success, code, status = self.ask(box, envelope("<text>low</text><cut/>"))
        self.assertEqual((success, code, status & NEAR_END), ("true", "", NEAR_END))
        room.wait_receipts(1)

    def test_text_codes_and_formats(self):
        room, box = self.house()
        content = ('<text align="center" width="2" height="2">Total 4.20&#10;</text>'
                   '<barcode type="ean13" hri="below" width="2" height="60">400638133393</barcode>'
                   '<symbol type="qrcode_model_2" level="level_m" width="4">https://shop.example/r/1</symbol>'
                   '<feed line="2"/><cut type="feed"/>')
        self.assertEqual(self.ask(box, envelope(content))[:2], ("true", ""))
        (receipt,) = room.wait_receipts(1)
        self.assertIn("Total 4.20", receipt["text"])
        self.assertIn("[EAN13 4006381333931]", receipt["text"])
        self.assertIn("[QR https://shop.example/r/1]", receipt["text"])

    def test_an_empty_request_asks_for_the_status(self):
        room, box = self.house()
        success, _, status = self.ask(box, envelope(""))
        self.assertEqual(success, "true")
        self.assertEqual(status & PAPER_END, 0)
        self.assertEqual(room.printer()["receipts"], 0)

    def test_unknown_device_bad_schema_and_foreign_origin(self):
        room, box = self.house()
        unknown = "/cgi-bin/epos/service.cgi?devid=no_such_printer"
        self.assertEqual(self.ask(box, envelope("<cut/>"), unknown)[:2], ("false", "DeviceNotFound"))
        for broken in (envelope("<text>x</te"), "", "not xml at all", envelope("<image width='8'>##</image>")):
            answer = box.request("POST", SERVICE, broken, {"Origin": TILL_ORIGIN, "Content-Type": "text/xml"})
            self.assertIn(answer.status, (200, 400), answer)
            self.assertIn("SchemaError", answer.text)
        answer = box.request("POST", SERVICE, envelope("<pulse/>"),
                             {"Origin": "https://other.example", "Content-Type": "text/xml"})
        self.assertNotIn('success="true"', answer.text)
        self.assertEqual(room.settled()["drawer"], "closed")
        self.assertEqual(room.printer()["receipts"], 0)


if __name__ == "__main__":
    unittest.main()
