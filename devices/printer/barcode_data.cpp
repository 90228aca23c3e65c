#include "devices/printer/barcode_data.hpp"

#include <algorithm>
#include <string_view>

namespace troupe::printer {
namespace {

using printing::barcode_kind;

constexpr std::string_view digits = "0123456789";

/// What a kind of barcode can carry.
struct rule {
  std::string_view name;
  std::size_t least;
  std::size_t most;
  std::string_view characters; ///< empty: all of ASCII
};

rule rule_of(barcode_kind kind) {
  switch (kind) {
  case barcode_kind::upc_a:
    return {"UPC-A", 11, 12, digits};
  case barcode_kind::upc_e:
    return {"UPC-E", 6, 12, digits};
  case barcode_kind::ean13:
    return {"EAN-13", 12, 13, digits};
  case barcode_kind::ean8:
    return {"EAN-8", 7, 8, digits};
  case barcode_kind::code39:
    return {"Code 39", 1, max_barcode_characters, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ -.$/+%*"};
  case barcode_kind::itf:
    return {"ITF", 2, max_barcode_characters, digits};
  case barcode_kind::codabar:
    return {"Codabar", 2, max_barcode_characters, "0123456789ABCDabcd$+-./:"};
  case barcode_kind::code93:
    return {"Code 93", 1, max_barcode_characters, {}};
  case barcode_kind::code128:
    return {"Code 128", 1, max_barcode_characters, {}};
  }
  return {"unknown", 1, 0, {}};
}

fault bad_data(std::string_view name, const std::string& why) {
  return {"barcode.bad_data",
          "The data does not fit a " + std::string(name) + " barcode: " + why + ".",
          "Correct the data or choose another kind of barcode.", 422};
}

} // namespace

result<bool> check_barcode(const printing::barcode& barcode) {
  const auto rule = rule_of(barcode.kind);
  if (barcode.data.size() < rule.least || barcode.data.size() > rule.most)
    return bad_data(rule.name, std::to_string(barcode.data.size()) + " characters instead of " +
                                   std::to_string(rule.least) + " to " + std::to_string(rule.most));
  const auto allowed = [&](char c) {
    return rule.characters.empty() ? static_cast<unsigned char>(c) < 0x80
                                   : rule.characters.find(c) != std::string_view::npos;
  };
  if (!std::ranges::all_of(barcode.data, allowed))
    return bad_data(rule.name, "it holds a character that the kind has no bars for");
  if (barcode.kind == barcode_kind::itf && barcode.data.size() % 2 != 0)
    return bad_data(rule.name, "it needs an even number of digits");
  if (barcode.kind == barcode_kind::upc_e && barcode.data.size() > 8 && barcode.data.size() < 11)
    return bad_data(rule.name, "it takes 6, 7, 8, 11 or 12 digits");
  return true;
}

result<bool> check_qr_code(const printing::qr_code& code) {
  if (code.data.empty()) return bad_data("QR", "there is none");
  if (code.data.size() > max_qr_bytes)
    return bad_data("QR", std::to_string(code.data.size()) + " bytes, at most " +
                              std::to_string(max_qr_bytes) + " fit");
  return true;
}

std::uint8_t correction_level(const printing::qr_code& code) {
  if (code.error_correction == "M") return 1;
  if (code.error_correction == "Q") return 2;
  if (code.error_correction == "H") return 3;
  return 0;
}

code128 read_code128(std::string_view data) {
  if (data.size() >= 2 && data[0] == '{' && data[1] >= 'A' && data[1] <= 'C')
    return {data[1], std::string(data.substr(2))};
  code128 read;
  for (char c : data) {
    if (c == '{') read.data += '{';
    read.data += c;
  }
  return read;
}

std::string plain_code128(std::string_view data) {
  const auto read = read_code128(data);
  std::string plain;
  char set = read.set;
  for (std::size_t i = 0; i < read.data.size(); ++i) {
    const char c = read.data[i];
    if (c == '{' && i + 1 < read.data.size()) {
      const char next = read.data[++i];
      if (next >= 'A' && next <= 'C') set = next;
      if (next == '{') plain += '{';
    } else if (set == 'C') {
      const auto pair = static_cast<unsigned char>(c) % 100;
      plain += digits[pair / 10];
      plain += digits[pair % 10];
    } else {
      plain += c;
    }
  }
  return plain;
}

} // namespace troupe::printer
