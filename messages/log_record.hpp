#pragma once

#include "messages/describe.hpp"
#include "messages/time.hpp"
#include "messages/trace.hpp"

#include <string>

namespace troupe {

/// A log line on its way from a box to its server, and as the server keeps it.
struct log_record {
  time_point time{};
  std::string level; ///< debug, info, warning, error
  std::string logger;
  std::string text;
  trace_context trace;
  static constexpr auto fields =
      describe<log_record>("log_record", field("time", &log_record::time),
                           field("level", &log_record::level), field("logger", &log_record::logger),
                           field("text", &log_record::text), field("trace", &log_record::trace));
};

} // namespace troupe
