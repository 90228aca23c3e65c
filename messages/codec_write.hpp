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

/// Where a message is written to, piece by piece. Virtual, so that a message's fields are walked by
/// one function for all forms: with one each, compiling the codecs took minutes.
class sink {
public:
  virtual void null() = 0;
  virtual void boolean(bool b) = 0;
  virtual void integer(std::int64_t n) = 0;
  virtual void natural(std::uint64_t n) = 0;
  virtual void real(double n) = 0;
  virtual void text(std::string_view s) = 0;
  virtual void bytes(byte_span b) = 0;
  virtual void time(time_point t) = 0;
  virtual void begin_map(std::size_t size) = 0;
  virtual void key(std::string_view name) = 0;
  virtual void end_map() = 0;
  virtual void begin_list(std::size_t size) = 0;
  virtual void item() = 0;
  virtual void end_list() = 0;
  virtual bool hides(field_kind) const { return false; }

protected:
  ~sink() = default;
};

/// Writes JSON text. `for_log` hides secrets and shortens bytes.
class json_sink final : public sink {
public:
  json_sink(std::string& out, bool for_log) : out_(out), for_log_(for_log) {}

  void null() override { out_ += "null"; }
  void boolean(bool b) override { out_ += b ? "true" : "false"; }
  void integer(std::int64_t n) override { number(n); }
  void natural(std::uint64_t n) override { number(n); }
  void real(double n) override {
    if (std::isfinite(n))
      number(n);
    else
      null();
  }
  void text(std::string_view s) override { append_json_string(out_, s); }
  void bytes(byte_span b) override {
    if (for_log_) return text(std::to_string(b.size()) + " bytes");
    out_ += '"';
    out_ += to_base64(b);
    out_ += '"';
  }
  void time(time_point t) override { text(to_rfc3339(t)); }
  void begin_map(std::size_t) override {
    out_ += '{';
    first_ = true;
  }
  void key(std::string_view name) override {
    item();
    text(name);
    out_ += ':';
  }
  void end_map() override {
    out_ += '}';
    first_ = false;
  }
  void begin_list(std::size_t) override {
    out_ += '[';
    first_ = true;
  }
  void item() override {
    if (!first_) out_ += ',';
    first_ = false;
  }
  void end_list() override {
    out_ += ']';
    first_ = false;
  }
  bool hides(field_kind kind) const override { return for_log_ && kind == field_kind::secret; }

private:
  template <class Number>
  void number(Number n) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, n).ptr;
    out_.append(text, end);
  }

  std::string& out_;
  bool for_log_;
  bool first_ = true;
};

class msgpack_sink final : public sink {
public:
  struct buffer {
    byte_vector& out;
    void write(const char* data, std::size_t size) { out.insert(out.end(), data, data + size); }
  };
  explicit msgpack_sink(byte_vector& out) : buffer_{out}, packer_(buffer_) {}

  void null() override { packer_.pack_nil(); }
  void boolean(bool b) override { packer_.pack(b); }
  void integer(std::int64_t n) override { packer_.pack(n); }
  void natural(std::uint64_t n) override { packer_.pack(n); }
  void real(double n) override { packer_.pack(n); }
  void text(std::string_view s) override {
    packer_.pack_str(static_cast<std::uint32_t>(s.size()));
    packer_.pack_str_body(s.data(), static_cast<std::uint32_t>(s.size()));
  }
  void bytes(byte_span b) override {
    packer_.pack_bin(static_cast<std::uint32_t>(b.size()));
    packer_.pack_bin_body(reinterpret_cast<const char*>(b.data()),
                          static_cast<std::uint32_t>(b.size()));
  }
  void time(time_point t) override { integer(t.time_since_epoch().count()); }
  void begin_map(std::size_t size) override { packer_.pack_map(static_cast<std::uint32_t>(size)); }
  void key(std::string_view name) override { text(name); }
  void end_map() override {}
  void begin_list(std::size_t size) override {
    packer_.pack_array(static_cast<std::uint32_t>(size));
  }
  void item() override {}
  void end_list() override {}

private:
  buffer buffer_;
  msgpack::packer<buffer> packer_;
};

/// Builds free-form data, in the forms that JSON has for bytes and times.
class value_sink final : public sink {
public:
  void null() override { put({}); }
  void boolean(bool b) override { put(b); }
  void integer(std::int64_t n) override { put(n); }
  void natural(std::uint64_t n) override { put(static_cast<std::int64_t>(n)); }
  void real(double n) override { put(std::isfinite(n) ? value(n) : value()); }
  void text(std::string_view s) override { put(s); }
  void bytes(byte_span b) override { put(to_base64(b)); }
  void time(time_point t) override { put(to_rfc3339(t)); }
  void begin_map(std::size_t) override { open_.push_back({value::object{}, {}}); }
  void key(std::string_view name) override { open_.back().next = name; }
  void end_map() override { close(); }
  void begin_list(std::size_t) override { open_.push_back({value::list{}, {}}); }
  void item() override {}
  void end_list() override { close(); }

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

template <class T>
void write(sink& into, const T& x);

inline void write_value(sink& into, const value& v) {
  std::visit(
      [&](const auto& content) {
        using type = std::decay_t<decltype(content)>;
        if constexpr (std::is_same_v<type, std::nullptr_t>)
          into.null();
        else if constexpr (std::is_same_v<type, value::object>) {
          into.begin_map(content.size());
          for (const auto& [name, member] : content) {
            into.key(name);
            write_value(into, member);
          }
          into.end_map();
        } else
          write(into, content);
      },
      v.content());
}

template <described T>
void write_fields(sink& into, const T& x) {
  for_each_field<T>([&](const auto& each) {
    into.key(each.name);
    if (into.hides(each.kind))
      into.text("***");
    else
      write(into, x.*each.member);
  });
}

template <class T>
constexpr std::size_t field_count = std::tuple_size_v<decltype(T::fields.fields)>;

template <class T>
void write(sink& into, const T& x) {
  if constexpr (std::is_same_v<T, value>)
    write_value(into, x);
  else if constexpr (std::is_same_v<T, bool>)
    into.boolean(x);
  else if constexpr (std::is_floating_point_v<T>)
    into.real(x);
  else if constexpr (std::is_unsigned_v<T>)
    into.natural(x);
  else if constexpr (std::is_integral_v<T>)
    into.integer(x);
  else if constexpr (named_enum<T>)
    into.text(name_of(x));
  else if constexpr (std::is_same_v<T, std::string>)
    into.text(x);
  else if constexpr (std::is_same_v<T, shared_bytes>)
    into.bytes(x.view());
  else if constexpr (std::is_same_v<T, time_point>)
    into.time(x);
  else if constexpr (is_duration<T>)
    write(into, x.count());
  else if constexpr (is_identifier<T>)
    into.text(x.text);
  else if constexpr (is_hex<T>)
    into.text(hex_text(x));
  else if constexpr (is_optional<T>) {
    if (x)
      write(into, *x);
    else
      into.null();
  } else if constexpr (is_vector<T>) {
    into.begin_list(x.size());
    for (const auto& each : x) {
      into.item();
      write(into, each);
    }
    into.end_list();
  } else if constexpr (is_variant<T>) {
    std::visit(
        [&](const auto& chosen) {
          using chosen_type = std::decay_t<decltype(chosen)>;
          into.begin_map(1 + field_count<chosen_type>);
          into.key("kind");
          into.text(chosen_type::fields.name);
          write_fields(into, chosen);
          into.end_map();
        },
        x);
  } else {
    static_assert(described<T>, "this type has no wire form");
    into.begin_map(field_count<T>);
    write_fields(into, x);
    into.end_map();
  }
}

} // namespace troupe::codec
