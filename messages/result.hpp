#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace troupe {

/// What went wrong, for people and for programs. Made where the fault is found, shown at an edge
/// (HTTP as RFC 9457, JSON-RPC, a page, the command line).
struct fault {
  std::string code;     ///< stable, lower case, dotted: "picture.truncated", "printer.no_paper"
  std::string text;     ///< one sentence that says what is wrong
  std::string remedy{}; ///< one sentence that says what to do; may be empty
  std::uint16_t status = 400; ///< the HTTP status that fits, for the edges that speak HTTP
};

/// A value or a fault (std::expected is C++23).
template <class T>
class [[nodiscard]] result {
public:
  result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
  result(troupe::fault error) : content_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const noexcept { return content_.index() == 0; }
  T& operator*() & { return std::get<0>(content_); }
  const T& operator*() const& { return std::get<0>(content_); }
  T&& operator*() && { return std::get<0>(std::move(content_)); }
  T* operator->() { return &std::get<0>(content_); }
  const T* operator->() const { return &std::get<0>(content_); }
  const fault& error() const { return std::get<1>(content_); }
  fault& error() { return std::get<1>(content_); }

private:
  std::variant<T, troupe::fault> content_;
};

} // namespace troupe
