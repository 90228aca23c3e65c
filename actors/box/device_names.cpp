#include "actors/box/device_names.hpp"

#include <string>

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

} // namespace troupe::box
