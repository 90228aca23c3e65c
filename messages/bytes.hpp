#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

using byte_span = std::span<const std::uint8_t>;
using byte_vector = std::vector<std::uint8_t>;

inline byte_span as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(byte_span bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// An immutable buffer shared by all its readers: a receipt, a document, a log. Copying shares it.
class shared_bytes {
public:
  shared_bytes() = default;
  shared_bytes(byte_vector bytes)
      : content_(std::make_shared<const byte_vector>(std::move(bytes))) {}
  static shared_bytes copy_of(std::string_view text) {
    return byte_vector(text.begin(), text.end());
  }

  byte_span view() const { return content_ ? byte_span(*content_) : byte_span(); }
  std::string_view text() const { return as_text(view()); }
  std::size_t size() const { return content_ ? content_->size() : 0; }
  bool empty() const { return size() == 0; }
  friend bool operator==(const shared_bytes& a, const shared_bytes& b) {
    return a.content_ == b.content_ || a.text() == b.text();
  }

private:
  std::shared_ptr<const byte_vector> content_;
};

} // namespace troupe
