#pragma once

#include "messages/describe.hpp"
#include "messages/time.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Where in which trace something happens (W3C Trace Context: 16-byte trace, 8-byte span).
/// All zero: no trace.
struct trace_context {
  std::array<std::uint8_t, 16> trace{};
  std::array<std::uint8_t, 8> span{};

  bool valid() const { return trace != std::array<std::uint8_t, 16>{}; }
  bool operator==(const trace_context&) const = default;
  static constexpr auto fields = describe<trace_context>(
      "trace_context", field("trace", &trace_context::trace), field("span", &trace_context::span));
};

/// A new trace with a first span, from a fast generator seeded by the kernel.
trace_context new_trace();
/// The same trace with a new span.
trace_context child_of(const trace_context& parent);

std::string trace_id_text(const trace_context& context); ///< 32 lower-case hex digits
std::string span_id_text(const trace_context& context);  ///< 16 lower-case hex digits

/// The `traceparent` header, version 00.
std::string to_traceparent(const trace_context& context);
/// Reads a `traceparent` header of any version; empty when it is malformed or all zero.
std::optional<trace_context> from_traceparent(std::string_view header);

/// The context that is current on this thread: that of the message being handled.
const trace_context& current_trace();

/// Makes a context current while it lives.
class trace_scope {
public:
  explicit trace_scope(const trace_context& context);
  ~trace_scope();
  trace_scope(const trace_scope&) = delete;
  trace_scope& operator=(const trace_scope&) = delete;

private:
  trace_context previous_;
};

/// One finished piece of work of a trace. Sent to the tracer by whoever did it.
struct span {
  trace_context context;
  std::array<std::uint8_t, 8> parent{}; ///< all zero for the first span of a trace here
  std::string name;                     ///< "http POST /hw_proxy/default_printer_action"
  std::string place;                    ///< "box", "device", "browser" …
  time_point start{};
  std::chrono::microseconds duration{};
  bool failed = false;
  std::string note;

  static constexpr auto fields =
      describe<span>("span", field("context", &span::context), field("parent", &span::parent),
                     field("name", &span::name), field("place", &span::place),
                     field("start", &span::start), field("duration_us", &span::duration),
                     field("failed", &span::failed), field("note", &span::note));
};

} // namespace troupe
