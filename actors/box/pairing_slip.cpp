#include "actors/box/pairing_slip.hpp"

namespace troupe::box {
namespace {

using namespace printing;

text centered(std::string content, std::uint8_t size = 1, bool bold = false) {
  text made;
  made.content = std::move(content) + "\n";
  made.align = alignment::center;
  made.width = made.height = size;
  made.bold = bold;
  return made;
}

} // namespace

document make_slip(const pairing_slip& told) {
  document slip;
  auto& lines = slip.operations;
  lines.push_back(centered("Connect this box", 2));
  lines.push_back(feed{1, 0});
  lines.push_back(centered(told.box_name, 1, true));
  lines.push_back(feed{1, 0});
  lines.push_back(centered("Its code:"));
  lines.push_back(centered(told.code, 3, true));
  lines.push_back(feed{1, 0});
  lines.push_back(centered("Type it on your server under Connect,"));
  lines.push_back(centered("or scan this with your phone:"));
  if (!told.connect_url.empty()) {
    lines.push_back(qr_code{told.connect_url, 6, "M", alignment::center});
    lines.push_back(centered(told.connect_url));
  }
  lines.push_back(feed{1, 0});
  if (!told.valid_until.empty()) lines.push_back(centered("Valid until " + told.valid_until));
  lines.push_back(centered("It works once. Later you get"));
  lines.push_back(centered("a new one on the box's page."));
  lines.push_back(feed{2, 0});
  lines.push_back(cut{});
  return slip;
}

document make_name_slip(const std::string& box_name) {
  document slip;
  slip.operations = {centered("This is the box"), feed{1, 0}, centered(box_name, 2, true),
                     feed{2, 0}, cut{}};
  return slip;
}

} // namespace troupe::box
