#pragma once

#include "messages/bytes.hpp"
#include "messages/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// How tokens are written on one line: a prefix, then fields and their signature in base64url.
namespace troupe::security {

/// Longer fields are none.
inline constexpr std::size_t longest_line_field = 512;

/// Each field is led by its length in 2 bytes, big end first.
void put_field(byte_vector& out, std::string_view content);
/// The next field, taken off `rest`.
std::optional<std::string_view> take_field(std::string_view& rest);

/// A field of digits, at most 11.
std::optional<std::size_t> read_digits(std::string_view text);
/// Time as whole seconds since 1970 in such a field; before 1970 counts as 1970.
std::string seconds_text(time_point at);
std::optional<time_point> read_seconds(std::string_view text);

/// What is signed: the fields, led by what they are meant for.
byte_vector line_statement(std::string_view meant_for, byte_span fields);

std::string line_text(std::string_view prefix, byte_span content);
/// What stands behind the prefix; nothing without it, or when it is no base64url: that of e-mail
/// (+ and /) is none.
std::optional<byte_vector> line_content(std::string_view prefix, std::string_view line);

} // namespace troupe::security
