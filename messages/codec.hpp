#pragma once

#include "messages/action.hpp"
#include "messages/announcement.hpp"
#include "messages/bytes.hpp"
#include "messages/device.hpp"
#include "messages/event.hpp"
#include "messages/fleet.hpp"
#include "messages/link.hpp"
#include "messages/result.hpp"
#include "messages/trace.hpp"
#include "messages/value.hpp"

#include <string>
#include <string_view>

/// The wire forms of messages, made from their field lists.
///
/// msgpack: a map with field names as keys. JSON: an object. Unknown fields are skipped and missing
/// ones keep their defaults, so old and new programs talk; a field of the wrong type is a fault
/// that names it ("message.wrong_type: device.name must be text"). Time is microseconds since 1970
/// in msgpack and RFC 3339 in JSON, bytes are binary in msgpack and base64 in JSON, identifiers of
/// traces are lower-case hex in both, a variant is a map with the extra key "kind".
namespace troupe {

/// Nesting deeper than this is refused.
inline constexpr int codec_depth_limit = 64;

template <class T>
std::string to_json(const T& message);
template <class T>
result<T> from_json(std::string_view text);
template <class T>
byte_vector to_msgpack(const T& message);
template <class T>
result<T> from_msgpack(byte_span bytes);

/// As free-form data: what `from_json<value>(to_json(message))` would give, without the text.
template <class T>
value to_value(const T& message);

/// One line for logs: like JSON, but secret fields are "***" and bytes are only counted.
template <class T>
std::string to_log(const T& message);

/// The types that have codecs; codec.cpp instantiates them.
#define TROUPE_CODED_TYPES(each)                                                                   \
  each(value) each(event) each(span) each(action_request) each(action_record)                      \
      each(action_accepted) each(device_description) each(device_status) each(device_snapshot)     \
          each(printing::document) each(std::vector<device_description>)                           \
              each(std::vector<device_snapshot>) each(std::vector<action_record>)                  \
                  each(std::vector<span>) each(std::vector<event>) each(log_record)                \
                      each(box_report) each(connect_problem) each(link_quality) each(fleet_box)    \
                          each(command_record) each(fleet_event) each(link::box_frame)             \
                              each(link::server_frame) each(announcement)

#define TROUPE_DECLARE_CODEC(type)                                                                 \
  extern template std::string to_json<type>(const type&);                                          \
  extern template result<type> from_json<type>(std::string_view);                                  \
  extern template byte_vector to_msgpack<type>(const type&);                                       \
  extern template result<type> from_msgpack<type>(byte_span);                                      \
  extern template value to_value<type>(const type&);                                               \
  extern template std::string to_log<type>(const type&);
TROUPE_CODED_TYPES(TROUPE_DECLARE_CODEC)
#undef TROUPE_DECLARE_CODEC

/// Text as a JSON string with its quotes; invalid UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

} // namespace troupe
