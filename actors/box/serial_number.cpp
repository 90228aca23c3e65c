#include "actors/box/serial_number.hpp"

#include "messages/random.hpp"
#include "security/private_file.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>

namespace troupe::box {
namespace {

constexpr std::size_t longest_serial = 64;
constexpr const char* device_tree = "firmware/devicetree/base/serial-number";
constexpr std::array firmware{"class/dmi/id/board_serial", "class/dmi/id/product_serial",
                              "class/dmi/id/product_uuid"};

/// What firmware says instead of a number, in lower case without blanks and punctuation (seen on
/// boards of several makers).
constexpr std::array placeholders{"tobefilledbyoem",
                                  "defaultstring",
                                  "systemserialnumber",
                                  "baseboardserialnumber",
                                  "chassisserialnumber",
                                  "notspecified",
                                  "notapplicable",
                                  "notavailable",
                                  "none",
                                  "unknown",
                                  "invalid",
                                  "oemstring",
                                  "serial",
                                  "serialnumber",
                                  "123456789",
                                  "0123456789",
                                  "1234567890",
                                  "12345678",
                                  "03000200040005000006000700080009"};

/// The first line as a serial number: what is none of its characters is left out.
std::string read_serial(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text;
  for (char c; in.get(c) && c != '\n' && text.size() < longest_serial;)
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '-') text += c;
  return text;
}

bool says_nothing(const std::string& serial) {
  std::string word;
  for (const char c : serial)
    if (c != '-') word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (word.size() < 4) return true;
  if (word.find_first_not_of(word[0]) == std::string::npos) return true; // 0000…, ffff…, xxxx
  return std::find(placeholders.begin(), placeholders.end(), word) != placeholders.end();
}

/// Of the device tree; empty when it says nothing.
std::string board_serial(const std::filesystem::path& system) {
  auto serial = read_serial(system / device_tree);
  return says_nothing(serial) ? std::string() : serial;
}

/// Of a PC's firmware; likewise.
std::string firmware_serial(const std::filesystem::path& system) {
  for (const auto* each : firmware)
    if (auto serial = read_serial(system / each); !says_nothing(serial)) return serial;
  return {};
}

} // namespace

std::string machine_serial(const std::filesystem::path& system) {
  auto serial = board_serial(system);
  return serial.empty() ? firmware_serial(system) : serial;
}

bool is_serial(std::string_view text) {
  return !text.empty() && text.size() <= longest_serial &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c < 128 && (std::isalnum(c) || c == '-'); });
}

result<box_id> read_box_id(const std::filesystem::path& state_folder, const std::string& given,
                           const std::filesystem::path& system) {
  if (!given.empty()) {
    if (is_serial(given)) return box_id(given);
    return fault{"box.bad_serial", "\"" + given + "\" is no serial number.",
                 "Give 1 to 64 letters, digits and dashes, or leave serial out.", 422};
  }
  // A disk moved to another Raspberry Pi is another box; firmware of a PC may need root to be read,
  // so what was found at the first start stays.
  if (auto serial = board_serial(system); !serial.empty()) return box_id(serial);
  const auto file = state_folder / "identifier";
  if (auto kept = read_serial(file); !kept.empty()) return box_id(kept);
  auto found = firmware_serial(system);
  if (found.empty()) found = random_hex(8);
  if (const auto problem = security::write_private_file(file, found + "\n"))
    return fault{"box.state_folder", problem->text,
                 "Give the box a state folder that it may write to (--state).", 500};
  return box_id(found);
}

} // namespace troupe::box
