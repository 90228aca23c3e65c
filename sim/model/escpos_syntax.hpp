#pragma once

#include "messages/bytes.hpp"

#include <cstddef>
#include <cstdint>

namespace troupe::sim::escpos {

/// The control characters that begin something.
constexpr std::uint8_t ht = 0x09, lf = 0x0A, ff = 0x0C, cr = 0x0D, dle = 0x10, can = 0x18,
                       esc = 0x1B, fs = 0x1C, gs = 0x1D, eot = 0x04, enq = 0x05, dc4 = 0x14;

/// What follows a command's header.
enum class body : std::uint8_t {
  unfinished, ///< the header itself needs more bytes
  none,       ///< the header is the whole command
  counted,    ///< `length` bytes of data
  to_nul,     ///< data up to and with a NUL
  characters, ///< user-defined characters: `length` times (width, then width x height bytes)
  pictures,   ///< NV bit images: `length` times (xL xH yL yH, then x * y * 8 bytes)
  unknown     ///< not a command of this printer
};

struct shape {
  body what = body::unfinished;
  std::uint64_t length = 0;
};

/// Longest header of any command.
constexpr std::size_t longest_header = 16;

/// How a command goes on, judged by its first bytes (at least one, beginning with a control
/// character). Asked anew with one byte more as long as the answer is `unfinished`.
shape shape_of(byte_span header);

/// Length of the real-time command (`DLE EOT`, `DLE ENQ`, `DLE DC4`) at the beginning of these
/// bytes, 0 when there is none or it is not complete.
std::size_t real_time_length(byte_span bytes);

} // namespace troupe::sim::escpos
