#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace troupe {

/// Free-form data as JSON and msgpack know it: what a device reports, what a caller hands along.
class value {
public:
  using list = std::vector<value>;
  using object = std::map<std::string, value, std::less<>>;
  using storage =
      std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, list, object>;

  value() : content_(nullptr) {}
  value(std::nullptr_t) : content_(nullptr) {}
  value(bool b) : content_(b) {}
  value(int n) : content_(std::int64_t{n}) {}
  value(unsigned n) : content_(std::int64_t{n}) {}
  value(std::int64_t n) : content_(n) {}
  value(std::uint64_t n) : content_(static_cast<std::int64_t>(n)) {}
  value(double d) : content_(d) {}
  value(const char* text) : content_(std::string(text)) {}
  value(std::string_view text) : content_(std::string(text)) {}
  value(std::string text) : content_(std::move(text)) {}
  value(list items) : content_(std::move(items)) {}
  value(object members) : content_(std::move(members)) {}

  const storage& content() const { return content_; }
  bool is_null() const { return std::holds_alternative<std::nullptr_t>(content_); }
  const std::string* as_text() const { return std::get_if<std::string>(&content_); }
  const object* as_object() const { return std::get_if<object>(&content_); }
  const list* as_list() const { return std::get_if<list>(&content_); }
  const bool* as_bool() const { return std::get_if<bool>(&content_); }
  const std::int64_t* as_integer() const { return std::get_if<std::int64_t>(&content_); }

  /// The member of that name, or null when this is no object or has none.
  const value& operator[](std::string_view name) const;
  /// Text of that member, or `otherwise`.
  std::string text_or(std::string_view name, std::string_view otherwise = {}) const;

  bool operator==(const value&) const = default;

private:
  storage content_;
};

} // namespace troupe
