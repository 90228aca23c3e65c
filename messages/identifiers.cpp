#include "messages/identifiers.hpp"

#include "messages/random.hpp"

#include <chrono>

namespace troupe {

action_id new_action_id() {
  // Crockford's base 32: no I, L, O, U.
  static constexpr char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  std::string text(26, '0');
  auto stamp = static_cast<std::uint64_t>(now);
  for (int i = 9; i >= 0; --i, stamp >>= 5)
    text[i] = digits[stamp & 31];
  std::uint64_t bits = 0;
  for (int i = 10; i < 26; ++i) {
    if ((i - 10) % 12 == 0) bits = fast_random();
    text[i] = digits[bits & 31];
    bits >>= 5;
  }
  return action_id(std::move(text));
}

std::string random_hex(std::size_t bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes);
  for (auto byte : secure_random(bytes)) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

} // namespace troupe
