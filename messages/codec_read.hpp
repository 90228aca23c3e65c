#pragma once

#include "messages/codec_write.hpp"

#include <nlohmann/json.hpp>

#include <limits>

/// How a message is read from a parsed JSON or msgpack tree. Only codec.cpp includes this.
namespace troupe::codec {

/// A node of a parsed JSON document.
struct json_node {
  const nlohmann::json& tree;

  bool is_null() const { return tree.is_null(); }
  std::optional<bool> boolean() const {
    return tree.is_boolean() ? std::optional(tree.get<bool>()) : std::nullopt;
  }
  std::optional<std::int64_t> integer() const {
    if (tree.is_number_unsigned()) {
      const auto n = tree.get<std::uint64_t>();
      if (n > std::uint64_t(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
      return static_cast<std::int64_t>(n);
    }
    return tree.is_number_integer() ? std::optional(tree.get<std::int64_t>()) : std::nullopt;
  }
  std::optional<double> real() const {
    return tree.is_number() ? std::optional(tree.get<double>()) : std::nullopt;
  }
  std::optional<std::string> text() const {
    return tree.is_string() ? std::optional(tree.get<std::string>()) : std::nullopt;
  }
  std::optional<byte_vector> bytes() const {
    return tree.is_string() ? from_base64(tree.get_ref<const std::string&>()) : std::nullopt;
  }
  std::optional<time_point> time() const {
    return tree.is_string() ? from_rfc3339(tree.get_ref<const std::string&>()) : std::nullopt;
  }
  bool is_map() const { return tree.is_object(); }
  bool is_list() const { return tree.is_array(); }
  template <class Visitor>
  void each_member(Visitor&& visit) const {
    for (auto at = tree.begin(); at != tree.end(); ++at)
      visit(at.key(), json_node{at.value()});
  }
  template <class Visitor>
  void each_item(Visitor&& visit) const {
    for (const auto& item : tree)
      visit(json_node{item});
  }
};

/// A node of a parsed msgpack document.
struct msgpack_node {
  const msgpack::object& tree;

  bool is_null() const { return tree.type == msgpack::type::NIL; }
  std::optional<bool> boolean() const {
    return tree.type == msgpack::type::BOOLEAN ? std::optional(tree.via.boolean) : std::nullopt;
  }
  std::optional<std::int64_t> integer() const {
    if (tree.type == msgpack::type::NEGATIVE_INTEGER) return tree.via.i64;
    if (tree.type == msgpack::type::POSITIVE_INTEGER &&
        tree.via.u64 <= std::uint64_t(std::numeric_limits<std::int64_t>::max()))
      return static_cast<std::int64_t>(tree.via.u64);
    return std::nullopt;
  }
  std::optional<double> real() const {
    if (tree.type == msgpack::type::FLOAT32 || tree.type == msgpack::type::FLOAT64)
      return tree.via.f64;
    if (const auto whole = integer()) return static_cast<double>(*whole);
    return std::nullopt;
  }
  std::optional<std::string> text() const {
    if (tree.type != msgpack::type::STR) return std::nullopt;
    return std::string(tree.via.str.ptr, tree.via.str.size);
  }
  std::optional<byte_vector> bytes() const {
    if (tree.type != msgpack::type::BIN) return std::nullopt;
    return byte_vector(tree.via.bin.ptr, tree.via.bin.ptr + tree.via.bin.size);
  }
  std::optional<time_point> time() const {
    const auto count = integer();
    return count ? std::optional(time_point(std::chrono::microseconds(*count))) : std::nullopt;
  }
  bool is_map() const { return tree.type == msgpack::type::MAP; }
  bool is_list() const { return tree.type == msgpack::type::ARRAY; }
  template <class Visitor>
  void each_member(Visitor&& visit) const {
    for (std::uint32_t i = 0; i < tree.via.map.size; ++i) {
      const auto& entry = tree.via.map.ptr[i];
      if (entry.key.type == msgpack::type::STR)
        visit(std::string_view(entry.key.via.str.ptr, entry.key.via.str.size),
              msgpack_node{entry.val});
    }
  }
  template <class Visitor>
  void each_item(Visitor&& visit) const {
    for (std::uint32_t i = 0; i < tree.via.array.size; ++i)
      visit(msgpack_node{tree.via.array.ptr[i]});
  }
};

inline fault wrong_type(const std::string& path, std::string_view expected) {
  return {"message.wrong_type",
          (path.empty() ? "the message" : path) + " must be " + std::string(expected) + "."};
}

/// Reads one message; the first fault wins and is kept.
template <class Node>
class reader {
public:
  std::optional<fault> problem;

  template <class T>
  void read(const Node& node, T& out, const std::string& path, int depth = 0) {
    if (problem) return;
    if (depth > codec_depth_limit) {
      problem = fault{"message.too_deep", "The message is nested too deeply."};
      return;
    }
    if constexpr (std::is_same_v<T, value>)
      out = read_value(node, depth);
    else if constexpr (std::is_same_v<T, bool>)
      take(node.boolean(), out, path, "true or false");
    else if constexpr (std::is_floating_point_v<T>)
      take(node.real(), out, path, "a number");
    else if constexpr (std::is_integral_v<T>)
      read_integer(node, out, path);
    else if constexpr (named_enum<T>)
      read_enum(node, out, path);
    else if constexpr (std::is_same_v<T, std::string>)
      take(node.text(), out, path, "text");
    else if constexpr (std::is_same_v<T, shared_bytes>)
      read_bytes(node, out, path);
    else if constexpr (std::is_same_v<T, time_point>)
      take(node.time(), out, path, "a time");
    else if constexpr (is_duration<T>) {
      std::int64_t count = 0;
      read_integer(node, count, path);
      out = T(count);
    } else if constexpr (is_identifier<T>)
      take(node.text(), out.text, path, "text");
    else if constexpr (is_hex<T>)
      read_hex(node, out, path);
    else if constexpr (is_optional<T>) {
      if (node.is_null())
        out.reset();
      else
        read(node, out.emplace(), path, depth + 1);
    } else if constexpr (is_vector<T>)
      read_list(node, out, path, depth);
    else if constexpr (is_variant<T>)
      read_variant(node, out, path, depth);
    else
      read_map(node, out, path, depth);
  }

private:
  template <class Found, class T>
  void take(Found found, T& out, const std::string& path, std::string_view expected) {
    if (found)
      out = static_cast<T>(std::move(*found));
    else
      problem = wrong_type(path, expected);
  }

  template <class T>
  void read_integer(const Node& node, T& out, const std::string& path) {
    const auto found = node.integer();
    if (!found || (std::is_unsigned_v<T> && *found < 0) ||
        (sizeof(T) < sizeof *found && (*found < std::int64_t(std::numeric_limits<T>::min()) ||
                                       *found > std::int64_t(std::numeric_limits<T>::max()))))
      problem = wrong_type(path, "a whole number in range");
    else
      out = static_cast<T>(*found);
  }

  template <class T>
  void read_enum(const Node& node, T& out, const std::string& path) {
    // An unknown name (from a newer program) leaves the default.
    if (const auto found = node.text())
      from_name(*found, out);
    else
      problem = wrong_type(path, "text");
  }

  void read_bytes(const Node& node, shared_bytes& out, const std::string& path) {
    if (auto found = node.bytes())
      out = shared_bytes(std::move(*found));
    else
      problem = wrong_type(path, "bytes");
  }

  template <class T>
  void read_hex(const Node& node, T& out, const std::string& path) {
    const auto found = node.text();
    bool good = found && found->size() == 2 * out.size();
    for (std::size_t i = 0; good && i < out.size(); ++i) {
      const auto end = found->data() + 2 * i + 2;
      good = std::from_chars(end - 2, end, out[i], 16).ptr == end;
    }
    if (!good) problem = wrong_type(path, "hexadecimal digits");
  }

  template <class T>
  void read_list(const Node& node, std::vector<T>& out, const std::string& path, int depth) {
    if (!node.is_list()) {
      problem = wrong_type(path, "a list");
      return;
    }
    out.clear();
    node.each_item([&](const Node& item) {
      if (problem) return;
      const auto item_path = path + "[" + std::to_string(out.size()) + "]";
      read(item, out.emplace_back(), item_path, depth + 1);
    });
  }

  template <class T>
  void read_map(const Node& node, T& out, const std::string& path, int depth) {
    if (!node.is_map()) {
      problem = wrong_type(path, "a map");
      return;
    }
    node.each_member([&](std::string_view name, const Node& member) {
      for_each_field<T>([&](const auto& each) {
        if (each.name == name)
          read(member, out.*each.member,
               path.empty() ? std::string(name) : path + "." + std::string(name), depth + 1);
      });
    });
  }

  template <class... Ts>
  void read_variant(const Node& node, std::variant<Ts...>& out, const std::string& path,
                    int depth) {
    std::string kind;
    if (node.is_map())
      node.each_member([&](std::string_view name, const Node& member) {
        if (name == "kind") kind = member.text().value_or("");
      });
    const auto attempt = [&]<class T>() {
      if (kind != T::fields.name) return false;
      read_map(node, out.template emplace<T>(), path, depth + 1);
      return true;
    };
    if (!(attempt.template operator()<Ts>() || ...))
      problem = fault{"message.unknown_kind",
                      (path.empty() ? "the message" : path) +
                          " is of a kind that this program does not know: \"" + kind + "\"."};
  }

  value read_value(const Node& node, int depth) {
    if (depth > codec_depth_limit) {
      problem = fault{"message.too_deep", "The message is nested too deeply."};
      return {};
    }
    if (node.is_null()) return {};
    if (const auto b = node.boolean()) return *b;
    if (const auto n = node.integer()) return *n;
    if (const auto d = node.real()) return *d;
    if (auto s = node.text()) return std::move(*s);
    if (node.is_list()) {
      value::list items;
      node.each_item([&](const Node& item) { items.push_back(read_value(item, depth + 1)); });
      return items;
    }
    if (node.is_map()) {
      value::object members;
      node.each_member([&](std::string_view name, const Node& member) {
        members.insert_or_assign(std::string(name), read_value(member, depth + 1));
      });
      return members;
    }
    problem = fault{"message.wrong_type", "The message holds a value that cannot be read here."};
    return {};
  }
};

} // namespace troupe::codec
