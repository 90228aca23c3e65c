#include "actors/box/device_names.hpp"
#include "actors/box/printer.hpp"
#include "devices/printer/language.hpp"
#include "devices/printer/name_options.hpp"

#include <string_view>
#include <utility>

namespace troupe::box {
result<device_description> complete_printer(device_description description) {
  description.kind = device_kind::printer;
  if (description.language.empty()) description.language = "escpos";
  if (!printer::language_named(description.language))
    return fault{"device.bad_language", "\"" + description.language + "\" is no printer language.",
                 "Take one of escpos, escpos_column, star, zpl, raw.", 422};
  if (description.subtype.empty())
    description.subtype = description.language == "zpl" ? "label_printer" : "receipt_printer";
  if (description.subtype != "receipt_printer" && description.subtype != "label_printer" &&
      description.subtype != "office_printer")
    return fault{"device.bad_subtype", "\"" + description.subtype + "\" is no kind of printer.",
                 "Take one of receipt_printer, label_printer, office_printer.", 422};
  if (description.connection.empty())
    description.connection = description.address.starts_with("tcp:") ? "network" : "direct";
  if (description.name.empty()) description.name = "Printer at " + description.address;
  if (auto problem = tidy_device_name(description.name)) return *problem;
  return description;
}

bool printer_needs_restart(const device_description& before, const device_description& after) {
  // The name may hold options of the printer (…__IMC_SCALE70__).
  const auto options = [](const std::string& name) {
    return name.substr(printer::read_name_options(name).plain_name.size());
  };
  return before.language != after.language || options(before.name) != options(after.name);
}

} // namespace troupe::box
