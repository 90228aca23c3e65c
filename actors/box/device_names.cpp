#include "actors/box/device_names.hpp"

#include "transport/utf8.hpp"

namespace troupe::box {

device_id unused_device_id(std::string_view name,
                           const std::function<bool(const device_id&)>& taken) {
  constexpr std::size_t longest = 48;
  std::string text;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      text += c;
    else if (!text.empty() && text.back() != '-')
      text += '-';
    if (text.size() == longest) break;
  }
  while (!text.empty() && text.back() == '-')
    text.pop_back();
  if (text.empty()) text = "device";
  device_id id(text);
  for (int number = 2; taken(id); ++number)
    id = device_id(text + "-" + std::to_string(number));
  return id;
}

std::optional<fault> tidy_device_name(std::string& name) {
  constexpr std::size_t longest = 256;
  const auto read = transport::read_name(name, longest);
  if (!read)
    return fault{"device.bad_name",
                 "A device's name has 1 to 256 characters on one line, and something to be seen.",
                 "Choose another name.", 422};
  name = std::string(*read);
  return std::nullopt;
}

} // namespace troupe::box
