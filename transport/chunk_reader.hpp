#pragma once

#include "messages/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace troupe::transport {

enum class chunk_outcome : std::uint8_t { more, done, broken, too_big };

/// Reads a chunked body (RFC 9112 section 7.1) byte by byte strictly: lines end with CR LF and hold
/// no control characters, sizes are plain hexadecimal. Extensions and trailer fields are skipped.
class chunk_reader {
public:
  /// Longest line of a chunk's size with its extensions, and of a trailer field.
  static constexpr std::size_t line_bytes = 1024;
  /// Trailer fields skipped at most.
  static constexpr std::size_t trailer_lines = 64;

  /// Appends content to `body`; `used` becomes the bytes used: all, unless the body ends before.
  chunk_outcome feed(std::string_view data, std::uint64_t limit, byte_vector& body,
                     std::size_t& used);
  bool done() const { return state_ == state::done; }

private:
  enum class state : std::uint8_t {
    size,
    extension,
    size_lf,
    content,
    content_cr,
    content_lf,
    trailer_start,
    trailer,
    trailer_lf,
    end_lf,
    done
  };
  bool step(char c);
  bool size_digit(char c);
  bool line_character(char c);

  state state_ = state::size;
  std::uint64_t left_ = 0; ///< of the present chunk; while its size is read: what was read of it
  std::size_t digits_ = 0;
  std::size_t line_ = 0;  ///< bytes of the present line
  std::size_t lines_ = 0; ///< trailer fields so far
};

} // namespace troupe::transport
