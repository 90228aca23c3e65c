#pragma once

#include "messages/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace troupe::transport {

/// Checks UTF-8 (RFC 3629) piece by piece: no overlong forms, no surrogates, nothing above
/// U+10FFFF.
class utf8_check {
public:
  /// False as soon as no continuation could make it valid.
  bool feed(byte_span bytes);
  /// Whether what was fed ends with a whole character.
  bool complete() const { return missing_ == 0; }
  void reset() { *this = {}; }

private:
  std::uint8_t missing_ = 0; ///< continuation bytes still to come
  std::uint8_t low_ = 0x80;  ///< bounds of the next one
  std::uint8_t high_ = 0xbf;
};

bool is_utf8(std::string_view text);

/// Reads one character at `position` and moves behind it; U+FFFD for a broken one (one byte taken).
/// `position` must be inside.
char32_t next_character(std::string_view text, std::size_t& position);

/// How many characters a text for one line has. Nothing when it is none: broken UTF-8, control
/// characters, line separators, or what turns the direction of the text beside it (bidirectional
/// embeddings, overrides, isolates): a name must not make its neighbours read otherwise.
std::optional<std::size_t> characters_on_one_line(std::string_view text);

/// A name as a person typed it, without blanks around it. Nothing when it is none: not on one line
/// (see above), longer than `longest` characters, or nothing in it that can be seen.
std::optional<std::string_view> read_name(std::string_view text, std::size_t longest);

/// The longest start of `text` of at most `bytes` bytes that ends with a whole character.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes);

} // namespace troupe::transport
