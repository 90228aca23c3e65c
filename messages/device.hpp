#pragma once

#include "messages/describe.hpp"
#include "messages/identifiers.hpp"
#include "messages/time.hpp"
#include "messages/value.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

/// Device kinds, named as Odoo names them (its databases hold these words).
enum class device_kind : std::uint8_t {
  printer,
  scale,
  scanner,
  keyboard,
  camera,
  display,
  device,
  payment,
  fiscal_data_module,
  unsupported
};
constexpr auto names_of(device_kind) {
  using k = device_kind;
  return std::array{enum_name{k::printer, "printer"},
                    enum_name{k::scale, "scale"},
                    enum_name{k::scanner, "scanner"},
                    enum_name{k::keyboard, "keyboard"},
                    enum_name{k::camera, "camera"},
                    enum_name{k::display, "display"},
                    enum_name{k::device, "device"},
                    enum_name{k::payment, "payment"},
                    enum_name{k::fiscal_data_module, "fiscal_data_module"},
                    enum_name{k::unsupported, "unsupported"}};
}

/// The four states that pages show, each with colour, icon and word.
enum class device_state : std::uint8_t { unknown, ready, attention, trouble };
constexpr auto names_of(device_state) {
  using s = device_state;
  return std::array{enum_name{s::unknown, "unknown"}, enum_name{s::ready, "ready"},
                    enum_name{s::attention, "attention"}, enum_name{s::trouble, "trouble"}};
}

/// What a device is. Kept by the directory, on disk.
struct device_description {
  device_id id;
  std::string name; ///< the owner's, 1..64 characters
  device_kind kind = device_kind::unsupported;
  std::string subtype;    ///< printers: receipt_printer, label_printer, office_printer
  std::string connection; ///< direct, network, serial, hdmi, bluetooth (Odoo's words)
  std::string manufacturer;
  std::string
      address; ///< how it is reached: "tcp://192.168.1.9:9100", "file:/var/…", "sim:printer"
  std::string language; ///< printers: escpos, escpos_column, star, zpl, raw

  bool operator==(const device_description&) const = default;
  static constexpr auto fields = describe<device_description>(
      "device_description", field("id", &device_description::id),
      field("name", &device_description::name), field("kind", &device_description::kind),
      field("subtype", &device_description::subtype),
      field("connection", &device_description::connection),
      field("manufacturer", &device_description::manufacturer),
      field("address", &device_description::address),
      field("language", &device_description::language));
};

/// How a device is, in words. Sent by each device actor to the directory on every change.
struct device_status {
  device_state state = device_state::unknown;
  std::string code;   ///< empty when all is well; Odoo's where it has one: ERROR_NO_PAPER …
  std::string text;   ///< "Out of paper."
  std::string remedy; ///< "Put in a roll; the 2 waiting receipts print by themselves."
  time_point since{}; ///< when this state began
  std::uint32_t waiting = 0; ///< actions accepted and not ended
  value details;             ///< kind-specific: {"drawer_open": true} …

  bool operator==(const device_status&) const = default;
  static constexpr auto fields = describe<device_status>(
      "device_status", field("state", &device_status::state), field("code", &device_status::code),
      field("text", &device_status::text), field("remedy", &device_status::remedy),
      field("since", &device_status::since), field("waiting", &device_status::waiting),
      field("details", &device_status::details));
};

/// A device as readers see it.
struct device_snapshot {
  device_description description;
  device_status status;

  static constexpr auto fields =
      describe<device_snapshot>("device", field("description", &device_snapshot::description),
                                field("status", &device_snapshot::status));
};

} // namespace troupe
