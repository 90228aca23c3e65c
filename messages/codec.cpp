#include "messages/codec.hpp"

#include "messages/codec_read.hpp"
#include "messages/codec_write.hpp"
#include "messages/server_announcement.hpp"

namespace troupe {

template <class T>
std::string to_json(const T& message) {
  std::string out;
  codec::json_sink sink(out, false);
  codec::write(sink, message);
  return out;
}

template <class T>
std::string to_log(const T& message) {
  std::string out;
  codec::json_sink sink(out, true);
  codec::write(sink, message);
  return out;
}

template <class T>
byte_vector to_msgpack(const T& message) {
  byte_vector out;
  codec::msgpack_sink sink(out);
  codec::write(sink, message);
  return out;
}

template <class T>
value to_value(const T& message) {
  codec::value_sink sink;
  codec::write(sink, message);
  return sink.take();
}

template <class T>
static result<T> read_message(const codec::node& node) {
  T out{};
  codec::reader reader;
  reader.read(node, out, {});
  if (reader.problem) return std::move(*reader.problem);
  return out;
}

/// True when arrays and objects nest no deeper than allowed; a parser that recurses is safe then.
static bool shallow(std::string_view json) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (quoted) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        quoted = false;
    } else if (c == '"')
      quoted = true;
    else if (c == '[' || c == '{') {
      if (++depth > codec_depth_limit) return false;
    } else if (c == ']' || c == '}')
      --depth;
  }
  return true;
}

template <class T>
result<T> from_json(std::string_view text) {
  if (!shallow(text)) return fault{"message.too_deep", "The JSON is nested too deeply."};
  const auto tree = nlohmann::json::parse(text, nullptr, false);
  if (tree.is_discarded()) return fault{"message.bad_json", "This is not JSON."};
  return read_message<T>(codec::json_node(tree));
}

template <class T>
result<T> from_msgpack(byte_span bytes) {
  try {
    // Limits of elements follow from the size of the input: a header cannot claim more.
    const msgpack::unpack_limit limit(bytes.size(), bytes.size(), bytes.size(), bytes.size(),
                                      bytes.size(), codec_depth_limit);
    std::size_t offset = 0;
    const auto handle = msgpack::unpack(reinterpret_cast<const char*>(bytes.data()), bytes.size(),
                                        offset, nullptr, nullptr, limit);
    if (offset != bytes.size())
      return fault{"message.trailing_bytes", "There are bytes behind the end of the message."};
    return read_message<T>(codec::msgpack_node(handle.get()));
  } catch (const msgpack::unpack_error& problem) {
    return fault{"message.bad_msgpack", std::string("This is not msgpack: ") + problem.what()};
  }
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t clean = 0; // start of what is not yet copied
  bool ascii = true;
  for (std::size_t i = 0; i < text.size() && ascii; ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80)
      ascii = false;
    else if (c < 0x20 || c == '"' || c == '\\') {
      out.append(text, clean, i - clean);
      clean = i + 1;
      switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default: {
        static constexpr char digits[] = "0123456789abcdef";
        out += "\\u00";
        out += digits[c >> 4];
        out += digits[c & 15];
      }
      }
    }
  }
  if (!ascii) {
    const auto rest = nlohmann::json(std::string(text.substr(clean)))
                          .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    out.append(rest, 1, rest.size() - 2);
  } else
    out.append(text, clean);
  out += '"';
}

#define TROUPE_DEFINE_CODEC(type)                                                                  \
  template std::string to_json<type>(const type&);                                                 \
  template result<type> from_json<type>(std::string_view);                                         \
  template byte_vector to_msgpack<type>(const type&);                                              \
  template result<type> from_msgpack<type>(byte_span);                                             \
  template value to_value<type>(const type&);                                                      \
  template std::string to_log<type>(const type&);
TROUPE_CODED_TYPES(TROUPE_DEFINE_CODEC)
TROUPE_DEFINE_CODEC(server_announcement) // of few: codec.hpp does without it

} // namespace troupe
