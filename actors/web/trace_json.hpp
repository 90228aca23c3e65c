#pragma once

#include "messages/result.hpp"
#include "messages/trace.hpp"
#include "transport/json.hpp"

#include <string_view>

namespace troupe::web {

/// The trace that 32 hexadecimal digits name. Fault "trace.bad_identifier" (400).
result<trace_context> trace_named(std::string_view digits);
/// A span as pages and programs read it.
transport::json_value span_json(const span& content);

} // namespace troupe::web
