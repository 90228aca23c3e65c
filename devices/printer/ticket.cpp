#include "devices/printer/ticket.hpp"

#include <string_view>

namespace troupe::printer {
namespace {

using namespace printing;

text line(std::string content, alignment align = alignment::left) {
  text made;
  made.content = std::move(content) + "\n";
  made.align = align;
  return made;
}

text title(std::string content) {
  auto made = line(std::move(content), alignment::center);
  made.width = 2;
  made.height = 2;
  return made;
}

void add_fact(document& printed, std::string_view name, const std::string& value) {
  if (!value.empty()) printed.operations.push_back(line(std::string(name) + ": " + value));
}

void add_code(document& printed, const std::string& name, const std::string& code) {
  if (code.empty()) return;
  printed.operations.push_back(feed{1, 0});
  printed.operations.push_back(line(name, alignment::center));
  printed.operations.push_back(title(code));
}

} // namespace

document make_ticket(const ticket& told) {
  document printed;
  auto& operations = printed.operations;
  operations.push_back(title(told.box_name.empty() ? "IoT Box" : told.box_name));
  operations.push_back(feed{1, 0});
  add_fact(printed, "Printer", told.printer_name);
  add_fact(printed, "Identifier", told.identifier);
  add_fact(printed, "Version", told.version);
  add_fact(printed, "Time", told.time);
  for (const auto& address : told.addresses)
    add_fact(printed, "Address", address);
  add_code(printed, "Pairing code", told.pairing_code);
  add_code(printed, "Setup code", told.setup_code);
  if (!told.homepage.empty()) {
    operations.push_back(feed{1, 0});
    operations.push_back(line("Homepage", alignment::center));
    operations.push_back(line(told.homepage, alignment::center));
    operations.push_back(qr_code{told.homepage, 6, "M", alignment::center});
  }
  operations.push_back(feed{2, 0});
  operations.push_back(cut{});
  return printed;
}

} // namespace troupe::printer
