#include "messages/statement.hpp"

namespace troupe {

byte_vector statement_of(std::initializer_list<std::string_view> parts) {
  byte_vector out;
  for (const auto part : parts) {
    const auto size = static_cast<std::uint32_t>(part.size());
    for (int shift = 24; shift >= 0; shift -= 8)
      out.push_back(static_cast<std::uint8_t>(size >> shift));
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

} // namespace troupe
