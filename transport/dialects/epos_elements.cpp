#include "transport/dialects/epos_elements.hpp"

#include "messages/base64.hpp"
#include "transport/dialects/epos.hpp"

#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::dialects {
namespace {

using optional_fault = std::optional<fault>;

fault not_served(const pugi::xml_node& element, const std::string& what) {
  return {"epos.schema", "<" + std::string(element.name()) + ">: " + what + ".",
          "Use the elements that docs/odoo.md lists for ePOS-Print.", 400};
}

std::string content_of(const pugi::xml_node& element) {
  std::string text;
  for (const auto& child : element.children())
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata)
      text += child.value();
  return text;
}

/// A whole number within bounds; `out` keeps its value when the attribute is absent.
template <class Number>
optional_fault read_number(const pugi::xml_node& element, const char* name, unsigned least,
                           unsigned most, Number& out) {
  const auto attribute = element.attribute(name);
  if (!attribute) return {};
  const std::string_view text = attribute.value();
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least || number > most)
    return not_served(element, std::string(name) + " must be " + std::to_string(least) + " to " +
                                   std::to_string(most));
  out = static_cast<Number>(number);
  return {};
}

optional_fault read_flag(const pugi::xml_node& element, const char* name, bool& out) {
  const auto attribute = element.attribute(name);
  if (!attribute) return {};
  const std::string_view text = attribute.value();
  if (text == "true" || text == "1")
    out = true;
  else if (text == "false" || text == "0")
    out = false;
  else
    return not_served(element, std::string(name) + " must be true or false");
  return {};
}

/// One of several words.
template <class T, std::size_t N>
optional_fault read_word(const pugi::xml_node& element, const char* name,
                         const std::array<std::pair<std::string_view, T>, N>& words, T& out) {
  const auto attribute = element.attribute(name);
  if (!attribute) return {};
  for (const auto& [word, meaning] : words)
    if (word == attribute.value()) {
      out = meaning;
      return {};
    }
  return not_served(element, std::string(name) + " \"" +
                                 std::string(attribute.value()).substr(0, 40) + "\" is not served");
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Data of barcodes and symbols: "\xnn" is a byte, "\\" a backslash.
std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '\\') {
      out += '\\';
      ++i;
    } else if (text[i] == '\\' && i + 3 < text.size() && text[i + 1] == 'x' &&
               hex_digit(text[i + 2]) >= 0 && hex_digit(text[i + 3]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 2]) * 16 + hex_digit(text[i + 3]));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

constexpr std::array<std::pair<std::string_view, printing::alignment>, 3> alignments{
    {{"left", printing::alignment::left},
     {"center", printing::alignment::center},
     {"right", printing::alignment::right}}};

constexpr std::array<std::pair<std::string_view, printing::barcode_kind>, 11> barcodes{
    {{"upc_a", printing::barcode_kind::upc_a},
     {"upc_e", printing::barcode_kind::upc_e},
     {"ean13", printing::barcode_kind::ean13},
     {"jan13", printing::barcode_kind::ean13},
     {"ean8", printing::barcode_kind::ean8},
     {"jan8", printing::barcode_kind::ean8},
     {"code39", printing::barcode_kind::code39},
     {"itf", printing::barcode_kind::itf},
     {"codabar", printing::barcode_kind::codabar},
     {"code93", printing::barcode_kind::code93},
     {"code128", printing::barcode_kind::code128}}};

constexpr std::array<std::pair<std::string_view, printing::barcode_text>, 4> texts{
    {{"none", printing::barcode_text::none},
     {"above", printing::barcode_text::above},
     {"below", printing::barcode_text::below},
     {"both", printing::barcode_text::both}}};

constexpr std::array<std::pair<std::string_view, char>, 5> levels{
    {{"level_l", 'L'}, {"level_m", 'M'}, {"level_q", 'Q'}, {"level_h", 'H'}, {"default", 'L'}}};

constexpr std::array<std::pair<std::string_view, printing::cut_kind>, 3> cuts{
    {{"feed", printing::cut_kind::feed_and_cut},
     {"no_feed", printing::cut_kind::cut_here},
     {"reserve", printing::cut_kind::feed_and_cut}}};

constexpr std::array<std::pair<std::string_view, std::uint8_t>, 2> drawers{
    {{"drawer_1", std::uint8_t{0}}, {"drawer_2", std::uint8_t{1}}}};

constexpr std::array<std::pair<std::string_view, std::uint16_t>, 5> pulses{
    {{"pulse_100", std::uint16_t{100}},
     {"pulse_200", std::uint16_t{200}},
     {"pulse_300", std::uint16_t{300}},
     {"pulse_400", std::uint16_t{400}},
     {"pulse_500", std::uint16_t{500}}}};

/// The first fault of several readings, in order.
template <class... Readings>
optional_fault first_of(Readings&&... readings) {
  optional_fault problem;
  ((problem ? void() : void(problem = readings())), ...);
  return problem;
}

} // namespace

std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const auto colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

optional_fault epos_elements_reader::read(const pugi::xml_node& element, printing::document& out) {
  const auto name = local_name(element);
  if (name == "text") return read_text(element, out);
  if (name == "feed") return read_feed(element, out);
  if (name == "image") return read_image(element, out);
  if (name == "barcode") return read_barcode(element, out);
  if (name == "symbol") return read_symbol(element, out);
  if (name == "cut") return read_cut(element, out);
  if (name == "pulse") return read_pulse(element, out);
  if (name == "command") return read_command(element, out);
  // A receipt printer without a buzzer prints all the same; a recovery has nothing to undo here.
  if (name == "sound" || name == "recovery" || name == "reset") return {};
  return not_served(element, "this element is not served");
}

optional_fault epos_elements_reader::read_alignment(const pugi::xml_node& element) {
  return read_word(element, "align", alignments, style_.align);
}

optional_fault epos_elements_reader::read_style(const pugi::xml_node& element) {
  bool double_width = false;
  bool double_height = false;
  auto problem = first_of([&] { return read_alignment(element); },
                          [&] { return read_flag(element, "em", style_.bold); },
                          [&] { return read_flag(element, "ul", style_.underline); },
                          [&] { return read_flag(element, "reverse", style_.reverse); },
                          [&] { return read_flag(element, "dw", double_width); },
                          [&] { return read_flag(element, "dh", double_height); });
  if (problem) return problem;
  if (element.attribute("dw")) style_.width = double_width ? 2 : 1;
  if (element.attribute("dh")) style_.height = double_height ? 2 : 1;
  return first_of([&] { return read_number(element, "width", 1, 8, style_.width); },
                  [&] { return read_number(element, "height", 1, 8, style_.height); });
}

optional_fault epos_elements_reader::read_text(const pugi::xml_node& element,
                                               printing::document& out) {
  if (auto problem = read_style(element)) return problem;
  auto content = content_of(element);
  if (content.empty()) return {};
  printing::text text = style_;
  text.content = std::move(content);
  out.operations.emplace_back(std::move(text));
  return {};
}

optional_fault epos_elements_reader::read_feed(const pugi::xml_node& element,
                                               printing::document& out) {
  printing::feed feed;
  auto problem = first_of([&] { return read_number(element, "line", 0, 255, feed.lines); },
                          [&] { return read_number(element, "unit", 0, 255, feed.dots); });
  if (problem) return problem;
  if (!element.attribute("line") && !element.attribute("unit")) {
    if (element.attribute("linespc")) return {};
    feed.lines = 1;
  }
  out.operations.emplace_back(feed);
  return {};
}

optional_fault epos_elements_reader::read_image(const pugi::xml_node& element,
                                                printing::document& out) {
  printing::raster raster;
  auto problem =
      first_of([&] { return read_alignment(element); },
               [&] { return read_number(element, "width", 1, epos_image_width, raster.width); },
               [&] { return read_number(element, "height", 1, epos_image_height, raster.height); });
  if (problem) return problem;
  if (raster.width == 0 || raster.height == 0)
    return not_served(element, "width and height are needed");
  const std::string_view mode = element.attribute("mode").value();
  if (!mode.empty() && mode != "mono") return not_served(element, "only mode mono is served");
  auto bits = from_base64(content_of(element));
  if (!bits) return not_served(element, "the picture is not base64");
  const std::size_t needed = (raster.width + std::size_t{7}) / 8 * raster.height;
  if (bits->size() != needed)
    return not_served(element, "the picture has " + std::to_string(bits->size()) +
                                   " bytes instead of " + std::to_string(needed));
  raster.align = style_.align;
  raster.bits = std::move(*bits);
  out.operations.emplace_back(std::move(raster));
  return {};
}

optional_fault epos_elements_reader::read_barcode(const pugi::xml_node& element,
                                                  printing::document& out) {
  printing::barcode barcode;
  if (!element.attribute("type")) return not_served(element, "type is needed");
  auto problem =
      first_of([&] { return read_word(element, "type", barcodes, barcode.kind); },
               [&] { return read_word(element, "hri", texts, barcode.text); },
               [&] { return read_alignment(element); },
               [&] { return read_number(element, "width", 2, 6, barcode.module_dots); },
               [&] { return read_number(element, "height", 1, 255, barcode.height_dots); });
  if (problem) return problem;
  barcode.align = style_.align;
  barcode.data = unescaped(content_of(element));
  out.operations.emplace_back(std::move(barcode));
  return {};
}

optional_fault epos_elements_reader::read_symbol(const pugi::xml_node& element,
                                                 printing::document& out) {
  const std::string_view type = element.attribute("type").value();
  if (type != "qrcode_model_1" && type != "qrcode_model_2")
    return not_served(element, "only qrcode_model_1 and qrcode_model_2 are served");
  printing::qr_code code;
  char level = 'L';
  auto problem = first_of([&] { return read_word(element, "level", levels, level); },
                          [&] { return read_alignment(element); },
                          [&] { return read_number(element, "width", 1, 16, code.module_dots); });
  if (problem) return problem;
  code.error_correction = std::string(1, level);
  code.align = style_.align;
  code.data = unescaped(content_of(element));
  out.operations.emplace_back(std::move(code));
  return {};
}

optional_fault epos_elements_reader::read_cut(const pugi::xml_node& element,
                                              printing::document& out) {
  printing::cut cut;
  if (auto problem = read_word(element, "type", cuts, cut.kind)) return problem;
  out.operations.emplace_back(cut);
  return {};
}

optional_fault epos_elements_reader::read_pulse(const pugi::xml_node& element,
                                                printing::document& out) {
  printing::drawer_pulse pulse;
  std::uint8_t connector = 0;
  pulse.on_ms = 100;
  auto problem = first_of([&] { return read_word(element, "drawer", drawers, connector); },
                          [&] { return read_word(element, "time", pulses, pulse.on_ms); });
  if (problem) return problem;
  pulse.connector = connector;
  out.operations.emplace_back(pulse);
  return {};
}

optional_fault epos_elements_reader::read_command(const pugi::xml_node& element,
                                                  printing::document& out) {
  byte_vector bytes;
  int high = -1;
  for (const char c : content_of(element)) {
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') continue;
    const int digit = hex_digit(c);
    if (digit < 0) return not_served(element, "the command is not hexadecimal");
    if (high < 0)
      high = digit;
    else {
      bytes.push_back(static_cast<std::uint8_t>(high * 16 + digit));
      high = -1;
    }
  }
  if (high >= 0) return not_served(element, "the command has an odd number of digits");
  if (!bytes.empty()) out.operations.emplace_back(printing::raw{std::move(bytes)});
  return {};
}

} // namespace troupe::dialects
