#pragma once

#include "transport/http.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace troupe::transport {

/// Bytes on their way out: small ones gathered in one buffer, large bodies by reference. What a
/// pending write refers to is never moved by `text()` or `append`.
class output_queue {
public:
  /// Bodies up to this size are copied, larger ones referred to.
  static constexpr std::size_t copied_bytes = 4096;
  /// Pieces handed to one write.
  static constexpr std::size_t pieces_per_write = 32;

  /// The buffer to append small things to. Valid until the next other call.
  std::string& text() { return back_.text; }
  void append(http_body body);

  bool empty() const { return size() == 0; }
  std::size_t size() const {
    return front_.text.size() + front_.body_bytes - taken_ + back_.text.size() + back_.body_bytes;
  }
  /// The next pieces to write. Valid until `consume`.
  std::span<const byte_span> pieces();
  void consume(std::size_t bytes);
  /// Forgets what no write has seen yet.
  void drop_unstarted() { back_.clear(); }

private:
  struct body_at {
    std::size_t position; ///< in the text, which continues behind the body
    http_body body;
  };
  struct batch {
    std::string text;
    std::vector<body_at> bodies;
    std::size_t body_bytes = 0;
    bool empty() const { return text.empty() && bodies.empty(); }
    void clear();
  };

  batch front_; ///< being written
  batch back_;  ///< being filled
  std::size_t taken_ = 0;
  std::vector<byte_span> pieces_;
};

} // namespace troupe::transport
