#pragma once

#include "messages/bytes.hpp"
#include "messages/result.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>

namespace troupe::transport {

/// JSON with members in the order written, as Python keeps them.
using json_value = nlohmann::ordered_json;

/// Bounds of what is read from strangers.
struct json_limits {
  std::size_t depth = 64;         ///< nested arrays and objects
  std::size_t members = 1024;     ///< of one object (finding a member is linear)
  std::size_t values = 1'000'000; ///< in all
};

/// Reads strict JSON (RFC 8259), UTF-8 checked; of members named twice the last counts. Long texts
/// are copied once. Faults: "json.syntax" with the position, "json.limits".
result<json_value> parse_json(byte_span text, const json_limits& limits = {});

/// As Python's json.dumps: ", " and ": " between, ASCII only (\u escapes), floats as repr writes
/// them. Invalid UTF-8 becomes U+FFFD; NaN and infinity become null.
std::string python_json(const json_value& value);
void append_python_json(std::string& out, const json_value& value);

} // namespace troupe::transport
