#pragma once

#include "messages/codec_write.hpp"

#include <nlohmann/json.hpp>

#include <limits>

/// How a message is read from a parsed JSON or msgpack tree. Only codec.cpp includes this.
namespace troupe::codec {

class node;
/// What is called for each item or member; lives as long as the call that it is given to.
template <class... Arguments>
class visitor {
public:
  template <class Called>
  visitor(Called&& called) // NOLINT: a lambda in its place
      : called_(&called), call_([](const void* it, Arguments... given) {
          (*static_cast<const std::remove_reference_t<Called>*>(it))(given...);
        }) {}
  void operator()(Arguments... given) const { call_(called_, given...); }

private:
  const void* called_;
  void (*call_)(const void*, Arguments...);
};

/// A place in a parsed document. Virtual for the same reason as `sink`.
class node {
public:
  virtual bool is_null() const = 0;
  virtual std::optional<bool> boolean() const = 0;
  virtual std::optional<std::int64_t> integer() const = 0;
  virtual std::optional<double> real() const = 0;
  virtual std::optional<std::string> text() const = 0;
  virtual std::optional<byte_vector> bytes() const = 0;
  virtual std::optional<time_point> time() const = 0;
  virtual bool is_map() const = 0;
  virtual bool is_list() const = 0;
  virtual void each_member(visitor<std::string_view, const node&> visit) const = 0;
  virtual void each_item(visitor<const node&> visit) const = 0;

protected:
  ~node() = default;
};

class json_node final : public node {
public:
  explicit json_node(const nlohmann::json& of) : tree(of) {}
  bool is_null() const override { return tree.is_null(); }
  std::optional<bool> boolean() const override {
    return tree.is_boolean() ? std::optional(tree.get<bool>()) : std::nullopt;
  }
  std::optional<std::int64_t> integer() const override {
    if (tree.is_number_unsigned()) {
      const auto n = tree.get<std::uint64_t>();
      if (n > std::uint64_t(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
      return static_cast<std::int64_t>(n);
    }
    return tree.is_number_integer() ? std::optional(tree.get<std::int64_t>()) : std::nullopt;
  }
  std::optional<double> real() const override {
    return tree.is_number() ? std::optional(tree.get<double>()) : std::nullopt;
  }
  std::optional<std::string> text() const override {
    return tree.is_string() ? std::optional(tree.get<std::string>()) : std::nullopt;
  }
  std::optional<byte_vector> bytes() const override {
    return tree.is_string() ? from_base64(tree.get_ref<const std::string&>()) : std::nullopt;
  }
  std::optional<time_point> time() const override {
    return tree.is_string() ? from_rfc3339(tree.get_ref<const std::string&>()) : std::nullopt;
  }
  bool is_map() const override { return tree.is_object(); }
  bool is_list() const override { return tree.is_array(); }
  void each_member(visitor<std::string_view, const node&> visit) const override {
    for (auto at = tree.begin(); at != tree.end(); ++at)
      visit(at.key(), json_node(at.value()));
  }
  void each_item(visitor<const node&> visit) const override {
    for (const auto& item : tree)
      visit(json_node(item));
  }

private:
  const nlohmann::json& tree;
};

class msgpack_node final : public node {
public:
  explicit msgpack_node(const msgpack::object& of) : tree(of) {}
  bool is_null() const override { return tree.type == msgpack::type::NIL; }
  std::optional<bool> boolean() const override {
    return tree.type == msgpack::type::BOOLEAN ? std::optional(tree.via.boolean) : std::nullopt;
  }
  std::optional<std::int64_t> integer() const override {
    if (tree.type == msgpack::type::NEGATIVE_INTEGER) return tree.via.i64;
    if (tree.type == msgpack::type::POSITIVE_INTEGER &&
        tree.via.u64 <= std::uint64_t(std::numeric_limits<std::int64_t>::max()))
      return static_cast<std::int64_t>(tree.via.u64);
    return std::nullopt;
  }
  std::optional<double> real() const override {
    if (tree.type == msgpack::type::FLOAT32 || tree.type == msgpack::type::FLOAT64)
      return tree.via.f64;
    if (const auto whole = integer()) return static_cast<double>(*whole);
    return std::nullopt;
  }
  std::optional<std::string> text() const override {
    if (tree.type != msgpack::type::STR) return std::nullopt;
    return std::string(tree.via.str.ptr, tree.via.str.size);
  }
  std::optional<byte_vector> bytes() const override {
    if (tree.type != msgpack::type::BIN) return std::nullopt;
    return byte_vector(tree.via.bin.ptr, tree.via.bin.ptr + tree.via.bin.size);
  }
  std::optional<time_point> time() const override {
    const auto count = integer();
    return count ? std::optional(time_point(std::chrono::microseconds(*count))) : std::nullopt;
  }
  bool is_map() const override { return tree.type == msgpack::type::MAP; }
  bool is_list() const override { return tree.type == msgpack::type::ARRAY; }
  void each_member(visitor<std::string_view, const node&> visit) const override {
    for (std::uint32_t i = 0; i < tree.via.map.size; ++i) {
      const auto& entry = tree.via.map.ptr[i];
      if (entry.key.type == msgpack::type::STR)
        visit(std::string_view(entry.key.via.str.ptr, entry.key.via.str.size),
              msgpack_node(entry.val));
    }
  }
  void each_item(visitor<const node&> visit) const override {
    for (std::uint32_t i = 0; i < tree.via.array.size; ++i)
      visit(msgpack_node(tree.via.array.ptr[i]));
  }

private:
  const msgpack::object& tree;
};

/// Where in the message a node stands; becomes text only when something is wrong there.
struct place {
  const place* above = nullptr;
  std::string_view name{};
  std::size_t index = 0; ///< of a list, when it has no name

  std::string text() const {
    if (above == nullptr) return {};
    auto out = above->text();
    if (name.empty()) return out + "[" + std::to_string(index) + "]";
    if (!out.empty()) out += '.';
    return out += name;
  }
  std::string said() const {
    auto out = text();
    return out.empty() ? "the message" : out;
  }
};

inline fault wrong_type(const place& at, std::string_view expected) {
  return {"message.wrong_type", at.said() + " must be " + std::string(expected) + "."};
}

/// Reads one message; the first fault wins and is kept.
class reader {
public:
  std::optional<fault> problem;

  template <class T>
  void read(const node& from, T& out, const place& at, int depth = 0) {
    if (problem) return;
    if (depth > codec_depth_limit) {
      problem = fault{"message.too_deep", "The message is nested too deeply."};
      return;
    }
    if constexpr (std::is_same_v<T, value>)
      out = read_value(from, depth);
    else if constexpr (std::is_same_v<T, bool>)
      take(from.boolean(), out, at, "true or false");
    else if constexpr (std::is_floating_point_v<T>)
      take(from.real(), out, at, "a number");
    else if constexpr (std::is_integral_v<T>)
      read_integer(from, out, at);
    else if constexpr (named_enum<T>)
      read_enum(from, out, at);
    else if constexpr (std::is_same_v<T, std::string>)
      take(from.text(), out, at, "text");
    else if constexpr (std::is_same_v<T, shared_bytes>)
      read_bytes(from, out, at);
    else if constexpr (std::is_same_v<T, time_point>)
      take(from.time(), out, at, "a time");
    else if constexpr (is_duration<T>) {
      std::int64_t count = 0;
      read_integer(from, count, at);
      out = T(count);
    } else if constexpr (is_identifier<T>)
      take(from.text(), out.text, at, "text");
    else if constexpr (is_hex<T>)
      read_hex(from, out, at);
    else if constexpr (is_optional<T>) {
      if (from.is_null())
        out.reset();
      else
        read(from, out.emplace(), at, depth + 1);
    } else if constexpr (is_vector<T>)
      read_list(from, out, at, depth);
    else if constexpr (is_variant<T>)
      read_variant(from, out, at, depth);
    else
      read_map(from, out, at, depth);
  }

private:
  template <class Found, class T>
  void take(Found found, T& out, const place& at, std::string_view expected) {
    if (found)
      out = static_cast<T>(std::move(*found));
    else
      problem = wrong_type(at, expected);
  }

  template <class T>
  void read_integer(const node& from, T& out, const place& at) {
    const auto found = from.integer();
    if (!found || (std::is_unsigned_v<T> && *found < 0) ||
        (sizeof(T) < sizeof *found && (*found < std::int64_t(std::numeric_limits<T>::min()) ||
                                       *found > std::int64_t(std::numeric_limits<T>::max()))))
      problem = wrong_type(at, "a whole number in range");
    else
      out = static_cast<T>(*found);
  }

  template <class T>
  void read_enum(const node& from, T& out, const place& at) {
    // An unknown name (from a newer program) leaves the default.
    if (const auto found = from.text())
      from_name(*found, out);
    else
      problem = wrong_type(at, "text");
  }

  void read_bytes(const node& from, shared_bytes& out, const place& at) {
    if (auto found = from.bytes())
      out = shared_bytes(std::move(*found));
    else
      problem = wrong_type(at, "bytes");
  }

  template <class T>
  void read_hex(const node& from, T& out, const place& at) {
    const auto found = from.text();
    bool good = found && found->size() == 2 * out.size();
    for (std::size_t i = 0; good && i < out.size(); ++i) {
      const auto end = found->data() + 2 * i + 2;
      good = std::from_chars(end - 2, end, out[i], 16).ptr == end;
    }
    if (!good) problem = wrong_type(at, "hexadecimal digits");
  }

  template <class T>
  void read_list(const node& from, std::vector<T>& out, const place& at, int depth) {
    if (!from.is_list()) {
      problem = wrong_type(at, "a list");
      return;
    }
    out.clear();
    from.each_item([&](const node& item) {
      if (problem) return;
      const place inside{&at, {}, out.size()};
      read(item, out.emplace_back(), inside, depth + 1);
    });
  }

  template <class T>
  void read_map(const node& from, T& out, const place& at, int depth) {
    if (!from.is_map()) {
      problem = wrong_type(at, "a map");
      return;
    }
    from.each_member([&](std::string_view name, const node& member) {
      for_each_field<T>([&](const auto& each) {
        if (each.name == name) read(member, out.*each.member, place{&at, name}, depth + 1);
      });
    });
  }

  template <class... Ts>
  void read_variant(const node& from, std::variant<Ts...>& out, const place& at, int depth) {
    std::string kind;
    if (from.is_map())
      from.each_member([&](std::string_view name, const node& member) {
        if (name == "kind") kind = member.text().value_or("");
      });
    const auto attempt = [&]<class T>() {
      if (kind != T::fields.name) return false;
      read_map(from, out.template emplace<T>(), at, depth + 1);
      return true;
    };
    if (!(attempt.template operator()<Ts>() || ...))
      problem =
          fault{"message.unknown_kind",
                at.said() + " is of a kind that this program does not know: \"" + kind + "\"."};
  }

  value read_value(const node& from, int depth) {
    if (depth > codec_depth_limit) {
      problem = fault{"message.too_deep", "The message is nested too deeply."};
      return {};
    }
    if (from.is_null()) return {};
    if (const auto b = from.boolean()) return *b;
    if (const auto n = from.integer()) return *n;
    if (const auto d = from.real()) return *d;
    if (auto s = from.text()) return std::move(*s);
    if (from.is_list()) {
      value::list items;
      from.each_item([&](const node& item) { items.push_back(read_value(item, depth + 1)); });
      return items;
    }
    if (from.is_map()) {
      value::object members;
      from.each_member([&](std::string_view name, const node& member) {
        members.insert_or_assign(std::string(name), read_value(member, depth + 1));
      });
      return members;
    }
    problem = fault{"message.wrong_type", "The message holds a value that cannot be read here."};
    return {};
  }
};

} // namespace troupe::codec
