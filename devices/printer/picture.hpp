#pragma once

#include "devices/printer/bitmap.hpp"
#include "messages/result.hpp"

#include <cstddef>
#include <cstdint>

namespace troupe::printer {

/// Bytes of one encoded picture (a receipt of a till is about 0.1 MiB).
inline constexpr std::size_t max_picture_bytes = 8 * 1024 * 1024;
/// Dots across; the widest print head for labels has 2,400, office scans have up to 4,096.
inline constexpr std::uint32_t max_picture_width = 4096;
/// Dots down: 2.5 metres of paper at 203 dots an inch.
inline constexpr std::uint32_t max_picture_height = 20'000;
/// Dots in all, so that no picture takes more than 16 MiB in grey (80 MiB while an interlaced PNG
/// is taken apart); 832 dots across may still be 20,000 down.
inline constexpr std::uint32_t max_picture_dots = 16 * 1024 * 1024;

enum class picture_format : std::uint8_t { jpeg, png };

/// What a picture says of itself before anything is decoded.
struct picture_header {
  picture_format format = picture_format::jpeg;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};

/// Reads format and size without decoding, and holds them against the limits above. Faults:
/// picture.empty, picture.too_large, picture.unknown_format, picture.truncated, picture.broken.
result<picture_header> read_picture_header(byte_span encoded);

/// Decodes a JPEG or PNG to shades of grey as Pillow's `convert("L")` does, save in two points:
/// transparent parts of a PNG come out on white (Pillow drops the transparency and prints whatever
/// colour lies beneath, often black); 16-bit PNGs keep their upper 8 bits (Pillow clips to white).
/// Memory is taken only after the
/// header passed `read_picture_header`; a picture cut short is refused, never printed in part.
result<grey_image> decode_picture(byte_span encoded);

/// The same into a picture whose memory is used again; what it holds after a fault is undefined.
result<bool> decode_picture_into(byte_span encoded, grey_image& picture);

/// Scales to the given size: the mean of the area when smaller, linear between dots when larger.
/// Both sides at least 1.
grey_image scale(const grey_image& picture, std::uint32_t width, std::uint32_t height);

/// Scales both sides by percent (1..400); the result obeys the limits above (picture.too_large).
result<grey_image> scale_percent(const grey_image& picture, std::uint32_t percent);

} // namespace troupe::printer
