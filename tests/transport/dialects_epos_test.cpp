#include "messages/codec.hpp"
#include "transport/dialects/epos.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace troupe::dialects {
namespace {

std::string bare(const std::string& inside) {
  return "<epos-print xmlns=\"http://www.epson-pos.com/schemas/2011/03/epos-print\">" + inside +
         "</epos-print>";
}

/// The document as JSON, or the fault's code and text.
std::string read(const std::string& inside) {
  const auto request = read_epos(bare(inside));
  if (!request) return request.error().code + ": " + request.error().text;
  return to_json(request->document);
}

std::string operations(const std::string& list) {
  return "{\"operations\":[" + list + "]}";
}

TEST(epos, the_recorded_till_prints_a_raster_and_cuts) {
  std::ifstream in(std::string(TROUPE_TEST_DATA) + "/odoo-pos/epos-print-receipt.xml");
  ASSERT_TRUE(in);
  std::stringstream xml;
  xml << in.rdbuf();
  const auto request = read_epos(xml.str());
  ASSERT_TRUE(request) << request.error().text;
  ASSERT_EQ(request->document.operations.size(), 2u);
  const auto& raster = std::get<printing::raster>(request->document.operations[0]);
  EXPECT_EQ(raster.width, 512);
  EXPECT_EQ(raster.height, 757);
  EXPECT_EQ(raster.align, printing::alignment::center);
  EXPECT_EQ(raster.bits.size(), 64u * 757u);
  EXPECT_EQ(std::get<printing::cut>(request->document.operations[1]).kind,
            printing::cut_kind::feed_and_cut);
}

TEST(epos, text_attributes_stay_in_force) {
  EXPECT_EQ(read("<text align=\"center\" em=\"true\" width=\"2\"/><text>A&#10;</text>"
                 "<text em=\"0\" dh=\"1\" lang=\"en\" font=\"font_a\" x=\"5\">&lt;B></text>"),
            operations(R"({"kind":"text","content":"A\n","align":"center","width":2,"height":1,)"
                       R"("bold":true,"underline":false,"reverse":false},)"
                       R"({"kind":"text","content":"<B>","align":"center","width":2,"height":2,)"
                       R"("bold":false,"underline":false,"reverse":false})"));
}

TEST(epos, blanks_and_cdata_are_text) {
  EXPECT_EQ(read("<text>  </text>"),
            operations(R"({"kind":"text","content":"  ","align":"left","width":1,"height":1,)"
                       R"("bold":false,"underline":false,"reverse":false})"));
  EXPECT_EQ(read("<text>a<![CDATA[<b>]]></text>"),
            operations(R"({"kind":"text","content":"a<b>","align":"left","width":1,"height":1,)"
                       R"("bold":false,"underline":false,"reverse":false})"));
}

TEST(epos, reads_every_element_served) {
  const std::pair<const char*, const char*> table[] = {
      {"<feed/>", R"({"kind":"feed","lines":1,"dots":0})"},
      {"<feed line=\"3\"/>", R"({"kind":"feed","lines":3,"dots":0})"},
      {"<feed unit=\"24\"/>", R"({"kind":"feed","lines":0,"dots":24})"},
      {"<image width=\"9\" height=\"1\">gIA=</image>",
       R"({"kind":"raster","width":9,"height":1,"align":"left","bits":"gIA="})"},
      {"<barcode type=\"ean13\" hri=\"below\" width=\"2\" height=\"64\">201234567890</barcode>",
       R"({"kind":"barcode","symbology":"ean13","data":"201234567890","module_dots":2,)"
       R"("height_dots":64,"text":"below","align":"left"})"},
      {R"(<barcode type="code128">{Ba\x5cb\\</barcode>)",
       R"({"kind":"barcode","symbology":"code128","data":"{Ba\\b\\","module_dots":3,)"
       R"("height_dots":162,"text":"none","align":"left"})"},
      {"<symbol type=\"qrcode_model_2\" level=\"level_q\" width=\"6\">https://x</symbol>",
       R"({"kind":"qr_code","data":"https://x","module_dots":6,"error_correction":"Q",)"
       R"("align":"left"})"},
      {"<cut/>", R"({"kind":"cut","how":"feed_and_cut"})"},
      {"<cut type=\"no_feed\"/>", R"({"kind":"cut","how":"cut_here"})"},
      {"<cut type=\"reserve\"/>", R"({"kind":"cut","how":"feed_and_cut"})"},
      {"<pulse/>", R"({"kind":"drawer_pulse","connector":0,"on_ms":100})"},
      {"<pulse drawer=\"drawer_2\" time=\"pulse_200\"/>",
       R"({"kind":"drawer_pulse","connector":1,"on_ms":200})"},
      {"<command>1B 40\n0a</command>", R"({"kind":"raw","bytes":"G0AK"})"},
      {"<sound pattern=\"pattern_a\"/>", ""},
      {"", ""},
  };
  for (const auto& [xml, expected] : table)
    EXPECT_EQ(read(xml), operations(expected)) << xml;
}

TEST(epos, refuses_what_it_does_not_serve_by_name) {
  const std::pair<const char*, const char*> table[] = {
      {"<logo key1=\"48\" key2=\"48\"/>", "epos.schema: <logo>"},
      {"<page><text>x</text></page>", "epos.schema: <page>"},
      {"<layout type=\"receipt\"/>", "epos.schema: <layout>"},
      {"<text width=\"9\">x</text>", "epos.schema: <text>: width"},
      {"<text em=\"maybe\">x</text>", "epos.schema: <text>: em"},
      {"<text align=\"middle\"/>", "epos.schema: <text>: align"},
      {"<feed line=\"-1\"/>", "epos.schema: <feed>: line"},
      {"<image width=\"8\">AA==</image>", "epos.schema: <image>: width and height"},
      {"<image width=\"8\" height=\"2\">AA==</image>", "epos.schema: <image>: the picture has 1"},
      {"<image width=\"8\" height=\"1\">?</image>", "epos.schema: <image>: the picture is not"},
      {"<image width=\"99999\" height=\"1\">AA==</image>", "epos.schema: <image>: width must"},
      {"<image width=\"8\" height=\"1\" mode=\"gray16\">AA==</image>",
       "epos.schema: <image>: only mode mono"},
      {"<barcode>1</barcode>", "epos.schema: <barcode>: type is needed"},
      {"<barcode type=\"gs1_128\">1</barcode>", "epos.schema: <barcode>: type"},
      {"<symbol type=\"pdf417_standard\">1</symbol>", "epos.schema: <symbol>"},
      {"<pulse drawer=\"drawer_3\"/>", "epos.schema: <pulse>: drawer"},
      {"<command>1</command>", "epos.schema: <command>: the command has an odd"},
      {"<command>zz</command>", "epos.schema: <command>: the command is not"},
      {"<text>x</feed>", "epos.syntax"},
  };
  for (const auto& [xml, expected] : table) {
    const auto outcome = read(xml);
    EXPECT_EQ(outcome.substr(0, std::string_view(expected).size()), expected) << xml;
  }
}

TEST(epos, refuses_what_is_no_request) {
  for (const char* xml : {"", "hello", "<a/>", "<s:Envelope/>", "<Envelope><Body/></Envelope>",
                          "<epos-print", "\xff\xfe"})
    EXPECT_FALSE(read_epos(xml)) << xml;
}

TEST(epos, entities_are_never_expanded) {
  const auto request =
      read_epos("<!DOCTYPE x [<!ENTITY a \"AAAA\"><!ENTITY b \"&a;&a;\"><!ENTITY f SYSTEM "
                "\"file:///etc/passwd\">]><epos-print><text>&b;&f;</text></epos-print>");
  if (request) {
    ASSERT_EQ(request->document.operations.size(), 1u);
    EXPECT_EQ(std::get<printing::text>(request->document.operations[0]).content, "&b;&f;");
  } else {
    EXPECT_EQ(request.error().code, "epos.syntax");
  }
}

TEST(epos, bounds_hold) {
  std::string many;
  for (std::size_t i = 0; i < 2 * epos_elements + 1; ++i)
    many += "<a/>";
  const auto elements = read_epos(bare(many));
  ASSERT_FALSE(elements);
  EXPECT_EQ(elements.error().status, 413);
  const auto large = read_epos(bare("<text>" + std::string(epos_request_bytes, 'x') + "</text>"));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, "epos.too_large");
}

TEST(epos, reads_the_parameters_of_the_header) {
  const auto request = read_epos(
      "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header><parameter>"
      "<devid>kitchen</devid><timeout>6000</timeout><printjobid>J1</printjobid></parameter>"
      "</s:Header><s:Body><epos-print><cut/></epos-print></s:Body></s:Envelope>");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->parameters.device, "kitchen");
  EXPECT_EQ(request->parameters.timeout, std::chrono::milliseconds(6000));
  EXPECT_EQ(request->parameters.job, "J1");
  const auto without = read_epos(bare(""));
  ASSERT_TRUE(without);
  EXPECT_FALSE(without->parameters.timeout.has_value());
}

TEST(epos, the_answer_is_as_epsons) {
  EXPECT_EQ(write_epos({.success = true, .code = "", .status = 251658262, .job = "", .device = ""}),
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
            "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\">"
            "<soapenv:Body><response success=\"true\" code=\"\" status=\"251658262\" battery=\"0\" "
            "xmlns=\"http://www.epson-pos.com/schemas/2011/03/epos-print\"/></soapenv:Body>"
            "</soapenv:Envelope>");
  const auto with_job = write_epos(
      {.success = false, .code = "EX_TIMEOUT", .status = 1, .job = "a<b", .device = "p"});
  EXPECT_NE(with_job.find("<devid>p</devid><printjobid>a&lt;b</printjobid>"), std::string::npos);
}

TEST(epos, status_comes_from_the_printer_or_from_its_state) {
  device_status status;
  status.details = value::object{{"epos_status", std::int64_t{0x00080008}}};
  EXPECT_EQ(epos_status_of(status), 0x00080008u);
  EXPECT_EQ(epos_trouble_in(epos_status_of(status)), "EPTR_REC_EMPTY");
  struct row {
    device_state state;
    const char* code;
    std::uint32_t bits;
    const char* trouble;
  };
  for (const auto& row :
       {row{device_state::ready, "", 0, ""},
        row{device_state::attention, "WARNING_LOW_PAPER", epos_bits::paper_near_end, ""},
        row{device_state::trouble, "ERROR_NO_PAPER", epos_bits::paper_end | epos_bits::offline,
            "EPTR_REC_EMPTY"},
        row{device_state::trouble, "ERROR_OFFLINE", epos_bits::offline, "EX_BADPORT"},
        row{device_state::trouble, "ERROR_UNREACHABLE", epos_bits::no_response, "EX_BADPORT"}}) {
    device_status plain;
    plain.state = row.state;
    plain.code = row.code;
    EXPECT_EQ(epos_status_of(plain), row.bits) << row.code;
    EXPECT_EQ(epos_trouble_in(row.bits), row.trouble) << row.code;
  }
  EXPECT_EQ(epos_code_for("ERROR_TIMEOUT", 0), "EX_TIMEOUT");
  EXPECT_EQ(epos_code_for("ERROR_FAILED", 0), "PrintSystemError");
  EXPECT_EQ(epos_code_for("ERROR_FAILED", epos_bits::cover_open), "EPTR_COVER_OPEN");
}

TEST(epos, finds_the_printer_by_id_name_or_as_the_local_one) {
  std::vector<device_snapshot> devices(3);
  devices[0].description = {.id = device_id("labels"),
                            .name = "Labels",
                            .kind = device_kind::printer,
                            .subtype = "label_printer",
                            .connection = "",
                            .manufacturer = "",
                            .address = "",
                            .language = ""};
  devices[1].description = devices[0].description;
  devices[1].description.id = device_id("counter");
  devices[1].description.name = "Front desk";
  devices[1].description.subtype = "receipt_printer";
  devices[2].description.id = device_id("scale");
  devices[2].description.kind = device_kind::scale;
  EXPECT_EQ(find_epos_printer(devices, "local_printer"), &devices[1]);
  EXPECT_EQ(find_epos_printer(devices, ""), &devices[1]);
  EXPECT_EQ(find_epos_printer(devices, "labels"), &devices[0]);
  EXPECT_EQ(find_epos_printer(devices, "Front desk"), &devices[1]);
  EXPECT_EQ(find_epos_printer(devices, "scale"), nullptr);
  EXPECT_EQ(find_epos_printer(devices, "nowhere"), nullptr);
}

} // namespace
} // namespace troupe::dialects
