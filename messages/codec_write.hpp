#pragma once

#include "messages/base64.hpp"
#include "messages/codec.hpp"

#include <msgpack.hpp>

#include <charconv>
#include <cmath>
#include <optional>
#include <type_traits>
#include <variant>
#include <vector>

/// How a message becomes JSON, msgpack, free-form data or a log line. Only codec.cpp includes this.
namespace troupe::codec {

/// Writes JSON text. `for_log` hides secrets and shortens bytes.
class json_sink {
public:
  json_sink(std::string& out, bool for_log) : out_(out), for_log_(for_log) {}

  void null() { out_ += "null"; }
  void boolean(bool b) { out_ += b ? "true" : "false"; }
  template <class Number>
  void number(Number n) {
    if constexpr (std::is_floating_point_v<Number>) {
      if (!std::isfinite(n)) return null();
    }
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, n).ptr;
    out_.append(text, end);
  }
  void text(std::string_view s) { append_json_string(out_, s); }
  void bytes(byte_span b) {
    if (for_log_) return text(std::to_string(b.size()) + " bytes");
    out_ += '"';
    out_ += to_base64(b);
    out_ += '"';
  }
  void time(time_point t) { text(to_rfc3339(t)); }
  void begin_map(std::size_t) {
    out_ += '{';
    first_ = true;
  }
  void key(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    text(name);
    out_ += ':';
  }
  void end_map() {
    out_ += '}';
    first_ = false;
  }
  void begin_list(std::size_t) {
    out_ += '[';
    first_ = true;
  }
  void item() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  void end_list() {
    out_ += ']';
    first_ = false;
  }
  bool hides(field_kind kind) const { return for_log_ && kind == field_kind::secret; }

private:
  std::string& out_;
  bool for_log_;
  bool first_ = true;
};

class msgpack_sink {
public:
  struct buffer {
    byte_vector& out;
    void write(const char* data, std::size_t size) { out.insert(out.end(), data, data + size); }
  };
  explicit msgpack_sink(byte_vector& out) : buffer_{out}, packer_(buffer_) {}

  void null() { packer_.pack_nil(); }
  void boolean(bool b) { packer_.pack(b); }
  template <class Number>
  void number(Number n) {
    packer_.pack(n);
  }
  void text(std::string_view s) {
    packer_.pack_str(static_cast<std::uint32_t>(s.size()));
    packer_.pack_str_body(s.data(), static_cast<std::uint32_t>(s.size()));
  }
  void bytes(byte_span b) {
    packer_.pack_bin(static_cast<std::uint32_t>(b.size()));
    packer_.pack_bin_body(reinterpret_cast<const char*>(b.data()),
                          static_cast<std::uint32_t>(b.size()));
  }
  void time(time_point t) { packer_.pack(t.time_since_epoch().count()); }
  void begin_map(std::size_t size) { packer_.pack_map(static_cast<std::uint32_t>(size)); }
  void key(std::string_view name) { text(name); }
  void end_map() {}
  void begin_list(std::size_t size) { packer_.pack_array(static_cast<std::uint32_t>(size)); }
  void item() {}
  void end_list() {}
  bool hides(field_kind) const { return false; }

private:
  buffer buffer_;
  msgpack::packer<buffer> packer_;
};

/// Builds free-form data, in the forms that JSON has for bytes and times.
class value_sink {
public:
  void null() { put({}); }
  void boolean(bool b) { put(b); }
  template <class Number>
  void number(Number n) {
    if constexpr (std::is_floating_point_v<Number>)
      put(std::isfinite(n) ? value(static_cast<double>(n)) : value());
    else
      put(static_cast<std::int64_t>(n));
  }
  void text(std::string_view s) { put(s); }
  void bytes(byte_span b) { put(to_base64(b)); }
  void time(time_point t) { put(to_rfc3339(t)); }
  void begin_map(std::size_t) { open_.push_back({value::object{}, {}}); }
  void key(std::string_view name) { open_.back().next = name; }
  void end_map() { close(); }
  void begin_list(std::size_t) { open_.push_back({value::list{}, {}}); }
  void item() {}
  void end_list() { close(); }
  bool hides(field_kind) const { return false; }

  value take() { return std::move(done_); }

private:
  struct container {
    std::variant<value::object, value::list> content;
    std::string_view next; ///< the name of the member that comes; lives in what is written
  };

  void put(value v) {
    if (open_.empty())
      done_ = std::move(v);
    else if (auto* list = std::get_if<value::list>(&open_.back().content))
      list->push_back(std::move(v));
    else
      std::get<value::object>(open_.back().content)
          .insert_or_assign(std::string(open_.back().next), std::move(v));
  }

  void close() {
    auto content = std::move(open_.back().content);
    open_.pop_back();
    std::visit([this](auto& each) { put(std::move(each)); }, content);
  }

  value done_;
  std::vector<container> open_;
};

template <class T>
inline constexpr bool is_identifier = false;
template <class Kind>
inline constexpr bool is_identifier<identifier<Kind>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_variant = false;
template <class... Ts>
inline constexpr bool is_variant<std::variant<Ts...>> = true;
template <class T>
inline constexpr bool is_duration = false;
template <class Rep, class Period>
inline constexpr bool is_duration<std::chrono::duration<Rep, Period>> = true;
template <class T>
inline constexpr bool is_hex = false;
template <std::size_t N>
inline constexpr bool is_hex<std::array<std::uint8_t, N>> = true;

template <class Bytes>
std::string hex_text(const Bytes& bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (auto byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

template <class Sink, class T>
void write(Sink& sink, const T& x);

template <class Sink>
void write_value(Sink& sink, const value& v) {
  std::visit(
      [&](const auto& content) {
        using type = std::decay_t<decltype(content)>;
        if constexpr (std::is_same_v<type, std::nullptr_t>)
          sink.null();
        else if constexpr (std::is_same_v<type, value::object>) {
          sink.begin_map(content.size());
          for (const auto& [name, member] : content) {
            sink.key(name);
            write_value(sink, member);
          }
          sink.end_map();
        } else
          write(sink, content);
      },
      v.content());
}

template <class Sink, described T>
void write_fields(Sink& sink, const T& x) {
  for_each_field<T>([&](const auto& each) {
    sink.key(each.name);
    if (sink.hides(each.kind))
      sink.text("***");
    else
      write(sink, x.*each.member);
  });
}

template <class T>
constexpr std::size_t field_count = std::tuple_size_v<decltype(T::fields.fields)>;

template <class Sink, class T>
void write(Sink& sink, const T& x) {
  if constexpr (std::is_same_v<T, value>)
    write_value(sink, x);
  else if constexpr (std::is_same_v<T, bool>)
    sink.boolean(x);
  else if constexpr (std::is_arithmetic_v<T>)
    sink.number(x);
  else if constexpr (named_enum<T>)
    sink.text(name_of(x));
  else if constexpr (std::is_same_v<T, std::string>)
    sink.text(x);
  else if constexpr (std::is_same_v<T, shared_bytes>)
    sink.bytes(x.view());
  else if constexpr (std::is_same_v<T, time_point>)
    sink.time(x);
  else if constexpr (is_duration<T>)
    sink.number(x.count());
  else if constexpr (is_identifier<T>)
    sink.text(x.text);
  else if constexpr (is_hex<T>)
    sink.text(hex_text(x));
  else if constexpr (is_optional<T>) {
    if (x)
      write(sink, *x);
    else
      sink.null();
  } else if constexpr (is_vector<T>) {
    sink.begin_list(x.size());
    for (const auto& each : x) {
      sink.item();
      write(sink, each);
    }
    sink.end_list();
  } else if constexpr (is_variant<T>) {
    std::visit(
        [&](const auto& chosen) {
          using chosen_type = std::decay_t<decltype(chosen)>;
          sink.begin_map(1 + field_count<chosen_type>);
          sink.key("kind");
          sink.text(chosen_type::fields.name);
          write_fields(sink, chosen);
          sink.end_map();
        },
        x);
  } else {
    static_assert(described<T>, "this type has no wire form");
    sink.begin_map(field_count<T>);
    write_fields(sink, x);
    sink.end_map();
  }
}

} // namespace troupe::codec
