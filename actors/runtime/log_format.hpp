#pragma once

#include "actors/runtime/log.hpp"

#include <span>
#include <string>
#include <string_view>

/// How lines look. Pure; used by the log and its tests.
namespace troupe::runtime {

/// Puts the values where `{}` stands; values too many are appended, `{}` too many stay.
std::string compose_text(std::string_view pattern, std::span<const log_value> values);
/// `name=value name="two words"`.
std::string compose_fields(std::span<const log_field> fields);
/// As JSON members: `"name":value,"other":"text"`.
std::string compose_json_fields(std::span<const log_field> fields);

/// One readable line without its end: time, level, logger, text, fields, trace. Control characters
/// are escaped, so that nobody can forge a line or steer a terminal.
std::string readable_line(const log_line& line);
/// One JSON object without its line end; what is not UTF-8 is replaced by U+FFFD.
std::string json_line(const log_line& line, std::string_view json_fields);

} // namespace troupe::runtime
