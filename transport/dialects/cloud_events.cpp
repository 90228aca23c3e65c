#include "transport/dialects/cloud_events.hpp"

#include "messages/codec.hpp"
#include "messages/time.hpp"
#include "messages/trace.hpp"

#include <msgpack.hpp>

#include <cstdint>
#include <string_view>

namespace troupe::dialects {
namespace {

constexpr std::string_view version = "1.0";
constexpr std::string_view content_type = "application/json";

/// One more when the event has a trace, one less when it is transient.
constexpr std::uint32_t members_without_trace = 10;

class json_writer {
public:
  explicit json_writer(std::string& out) : out_(out) { out_ += '{'; }
  ~json_writer() { out_ += '}'; }
  json_writer(const json_writer&) = delete;
  json_writer& operator=(const json_writer&) = delete;

  void text(std::string_view name, std::string_view content) {
    key(name);
    append_json_string(out_, content);
  }
  void number(std::string_view name, std::uint64_t content) {
    key(name);
    out_ += std::to_string(content);
  }
  void data(std::string_view name, const value& content) {
    key(name);
    out_ += to_json(content);
  }

private:
  void key(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    append_json_string(out_, name);
    out_ += ':';
  }
  std::string& out_;
};

class msgpack_writer {
public:
  msgpack_writer(byte_vector& out, std::uint32_t members) : buffer_{out}, packer_(buffer_) {
    packer_.pack_map(members);
  }
  void text(std::string_view name, std::string_view content) {
    string(name);
    string(content);
  }
  void number(std::string_view name, std::uint64_t content) {
    string(name);
    packer_.pack(content);
  }
  void data(std::string_view name, const value& content) {
    string(name);
    const auto packed = to_msgpack(content);
    buffer_.out.insert(buffer_.out.end(), packed.begin(), packed.end());
  }

private:
  struct buffer {
    byte_vector& out;
    void write(const char* bytes, std::size_t size) { out.insert(out.end(), bytes, bytes + size); }
  };
  void string(std::string_view content) {
    packer_.pack_str(static_cast<std::uint32_t>(content.size()));
    packer_.pack_str_body(content.data(), static_cast<std::uint32_t>(content.size()));
  }
  buffer buffer_;
  msgpack::packer<buffer> packer_;
};

template <class Writer>
void write_members(Writer& writer, const event& content, const box_id& box, std::uint64_t passing) {
  writer.text("specversion", version);
  auto id = std::to_string(content.sequence);
  if (passing != 0) id += "-" + std::to_string(passing);
  writer.text("id", id);
  if (passing == 0) writer.number("sequence", content.sequence);
  writer.text("source", cloud_event_source(content, box));
  writer.text("type", content.type);
  writer.text("time", to_rfc3339(content.time));
  writer.text("datacontenttype", content_type);
  if (content.trace.valid()) writer.text("traceparent", to_traceparent(content.trace));
  writer.text("device", content.device.text);
  writer.text("action", content.action.text);
  writer.data("data", content.data);
}

} // namespace

std::string cloud_event_source(const event& content, const box_id& box) {
  if (box.empty()) return "/server";
  std::string source = "/boxes/" + box.text;
  if (!content.device.empty()) source += "/devices/" + content.device.text;
  return source;
}

std::string to_cloud_event_json(const event& content, const box_id& box, std::uint64_t passing) {
  std::string out;
  out.reserve(512);
  {
    json_writer writer(out);
    write_members(writer, content, box, passing);
  }
  return out;
}

byte_vector to_cloud_event_msgpack(const event& content, const box_id& box, std::uint64_t passing) {
  byte_vector out;
  out.reserve(512);
  msgpack_writer writer(out, members_without_trace + (content.trace.valid() ? 1 : 0) -
                                 (passing != 0 ? 1 : 0));
  write_members(writer, content, box, passing);
  return out;
}

} // namespace troupe::dialects
