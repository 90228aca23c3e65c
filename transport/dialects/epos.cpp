#include "transport/dialects/epos.hpp"

#include "transport/dialects/epos_elements.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace troupe::dialects {
namespace {

constexpr std::string_view epos_namespace = "http://www.epson-pos.com/schemas/2011/03/epos-print";
/// Longest `devid` and `printjobid` taken.
constexpr std::size_t name_bytes = 128;

pugi::xml_node child_of(const pugi::xml_node& parent, std::string_view name) {
  for (const auto& child : parent.children())
    if (child.type() == pugi::node_element && local_name(child) == name) return child;
  return {};
}

fault schema_fault(std::string text) {
  return {"epos.schema", std::move(text), "Send an epos-print element, bare or in a SOAP envelope.",
          400};
}

std::optional<fault> check_size(std::string_view xml) {
  const auto count = [&](char c) {
    return static_cast<std::size_t>(std::count(xml.begin(), xml.end(), c));
  };
  if (xml.size() <= epos_request_bytes && count('<') <= 2 * epos_elements &&
      count('=') <= epos_attributes)
    return {};
  return fault{"epos.too_large", "The request is larger than this box takes.",
               "Print it in several requests.", 413};
}

std::string short_text(const pugi::xml_node& node) {
  const std::string_view text = node.child_value();
  return text.size() <= name_bytes ? std::string(text) : std::string();
}

epos_parameters read_parameters(const pugi::xml_node& envelope) {
  epos_parameters out;
  const auto parameter = child_of(child_of(envelope, "Header"), "parameter");
  out.device = short_text(child_of(parameter, "devid"));
  out.job = short_text(child_of(parameter, "printjobid"));
  const auto timeout = short_text(child_of(parameter, "timeout"));
  std::uint32_t milliseconds = 0;
  const auto [end, error] =
      std::from_chars(timeout.data(), timeout.data() + timeout.size(), milliseconds);
  if (error == std::errc() && end == timeout.data() + timeout.size() && !timeout.empty())
    out.timeout = std::chrono::milliseconds(milliseconds);
  return out;
}

void append_attribute(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    default:
      if (static_cast<unsigned char>(c) >= 0x20) out += c;
    }
  }
}

} // namespace

result<epos_request> read_epos(std::string_view xml) {
  if (auto problem = check_size(xml)) return std::move(*problem);
  pugi::xml_document tree;
  constexpr unsigned flags = pugi::parse_default | pugi::parse_ws_pcdata_single;
  const auto parsed = tree.load_buffer(xml.data(), xml.size(), flags);
  if (!parsed)
    return fault{"epos.syntax",
                 "This is no XML: " + std::string(parsed.description()) + " at byte " +
                     std::to_string(parsed.offset) + ".",
                 "Send well-formed ePOS-Print XML.", 400};
  epos_request request;
  const auto root = tree.document_element();
  auto print = root;
  if (local_name(root) == "Envelope") {
    request.parameters = read_parameters(root);
    print = child_of(child_of(root, "Body"), "epos-print");
  }
  if (!print || local_name(print) != "epos-print")
    return schema_fault("There is no epos-print element.");
  epos_elements_reader reader;
  for (const auto& element : print.children()) {
    if (element.type() != pugi::node_element) continue;
    if (auto problem = reader.read(element, request.document)) return std::move(*problem);
  }
  return request;
}

std::string write_epos(const epos_answer& answer) {
  std::string out =
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
      "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\">";
  if (!answer.job.empty()) {
    out += "<soapenv:Header><parameter xmlns=\"";
    out += epos_namespace;
    out += "\"><devid>";
    append_attribute(out, answer.device);
    out += "</devid><printjobid>";
    append_attribute(out, answer.job);
    out += "</printjobid></parameter></soapenv:Header>";
  }
  out += "<soapenv:Body><response success=\"";
  out += answer.success ? "true" : "false";
  out += "\" code=\"";
  append_attribute(out, answer.code);
  out += "\" status=\"" + std::to_string(answer.status) + "\" battery=\"0\" xmlns=\"";
  out += epos_namespace;
  out += "\"/></soapenv:Body></soapenv:Envelope>";
  return out;
}

const device_snapshot* find_epos_printer(std::span<const device_snapshot> devices,
                                         std::string_view device) {
  const auto is_printer = [](const device_snapshot& each) {
    return each.description.kind == device_kind::printer;
  };
  for (const auto& each : devices)
    if (is_printer(each) && each.description.id.text == device) return &each;
  for (const auto& each : devices)
    if (is_printer(each) && !device.empty() && each.description.name == device) return &each;
  if (!device.empty() && device != "local_printer") return nullptr;
  for (const auto& each : devices)
    if (is_printer(each) && each.description.subtype == "receipt_printer") return &each;
  return nullptr;
}

std::uint32_t epos_status_of(const device_status& status) {
  if (const auto* word = status.details["epos_status"].as_integer())
    return static_cast<std::uint32_t>(*word) & ~epos_bits::print_success;
  if (status.code == "ERROR_NO_PAPER") return epos_bits::paper_end | epos_bits::offline;
  if (status.code == "WARNING_LOW_PAPER") return epos_bits::paper_near_end;
  if (status.state == device_state::trouble)
    return status.code == "ERROR_OFFLINE" ? epos_bits::offline : epos_bits::no_response;
  return 0;
}

std::string_view epos_trouble_in(std::uint32_t status) {
  if (status & epos_bits::no_response) return epos_code::bad_port;
  if (status & epos_bits::unrecoverable) return epos_code::unrecoverable;
  if (status & epos_bits::cutter) return epos_code::cutter;
  if (status & epos_bits::mechanical) return epos_code::mechanical;
  if (status & epos_bits::cover_open) return epos_code::cover_open;
  if (status & epos_bits::paper_end) return epos_code::no_paper;
  if (status & epos_bits::automatic) return epos_code::automatic;
  if (status & epos_bits::offline) return epos_code::bad_port;
  return {};
}

std::string_view epos_code_for(std::string_view message, std::uint32_t status) {
  if (const auto trouble = epos_trouble_in(status); !trouble.empty()) return trouble;
  if (message == "ERROR_NO_PAPER") return epos_code::no_paper;
  if (message == "ERROR_TIMEOUT") return epos_code::timeout;
  if (message == "ERROR_OFFLINE" || message == "ERROR_UNREACHABLE") return epos_code::bad_port;
  return epos_code::print_system_error;
}

} // namespace troupe::dialects
