#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// Text that names one thing of one kind; kinds do not mix.
template <class Kind>
struct identifier {
  std::string text;

  identifier() = default;
  explicit identifier(std::string value) : text(std::move(value)) {}
  explicit identifier(std::string_view value) : text(value) {}
  explicit identifier(const char* value) : text(value) {}
  bool empty() const { return text.empty(); }
  auto operator<=>(const identifier&) const = default;
};

using box_id = identifier<struct box_kind>;         ///< serial number or generated hex
using device_id = identifier<struct device_kind_>;  ///< unique on its box, stable over restarts
using action_id = identifier<struct action_kind>;   ///< made by the box when it accepts
using session_id = identifier<struct session_kind>; ///< a browser tab, chosen by it

/// A fresh action identifier: 26 characters that sort by time (ULID).
action_id new_action_id();

/// 2 * `bytes` lower-case hex digits from the kernel's random source.
std::string random_hex(std::size_t bytes);

} // namespace troupe

template <class Kind>
struct std::hash<troupe::identifier<Kind>> {
  std::size_t operator()(const troupe::identifier<Kind>& id) const noexcept {
    return std::hash<std::string>{}(id.text);
  }
};
