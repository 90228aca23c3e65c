#include "store/action_row.hpp"

#include "messages/codec.hpp"

#include <algorithm>
#include <zlib.h>

namespace troupe::store {

const std::string select_actions =
    "SELECT number, id, key, device, action, state, code, text, session, origin, trace, repeats, "
    "accepted, updated, payload_bytes, payload_kept, touched, result FROM actions ";

namespace {

trace_context read_trace(byte_span bytes) {
  trace_context trace;
  if (bytes.size() != trace.trace.size() + trace.span.size()) return trace;
  std::copy_n(bytes.begin(), trace.trace.size(), trace.trace.begin());
  std::copy_n(bytes.begin() + trace.trace.size(), trace.span.size(), trace.span.begin());
  return trace;
}

} // namespace

action_row read_row(const query& found) {
  action_row row;
  auto& record = row.record;
  record.number = static_cast<std::uint64_t>(found.integer(0));
  record.id = action_id(found.text(1));
  record.key = found.text(2);
  record.device = device_id(found.text(3));
  record.action = found.text(4);
  record.state = action_state::unknown; // for a state that cannot be read
  from_name(found.text(5), record.state);
  record.code = found.text(6);
  record.text = found.text(7);
  record.session = session_id(found.text(8));
  record.origin = found.text(9);
  record.trace = read_trace(found.blob(10));
  record.repeats = action_id(found.text(11));
  record.accepted = from_microseconds(found.integer(12));
  record.updated = from_microseconds(found.integer(13));
  record.payload_bytes = static_cast<std::uint64_t>(found.integer(14));
  record.repeatable = found.integer(15) != 0;
  row.touched = found.integer(16) != 0;
  if (const auto json = found.text(17); !json.empty())
    if (auto result = from_json<value>(json)) record.result = std::move(*result);
  return row;
}

std::int64_t checksum_of(byte_span content) {
  return static_cast<std::int64_t>(::crc32_z(0, content.data(), content.size()));
}

} // namespace troupe::store
