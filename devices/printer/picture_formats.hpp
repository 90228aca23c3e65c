#pragma once

#include "devices/printer/picture.hpp"

/// The two decoders behind `decode_picture`; use that one.
namespace troupe::printer::formats {

/// Of 255: what red, green and blue weigh in grey (ITU-R 601-2 in 16-bit fixed point, as Pillow).
inline std::uint8_t grey_of(std::uint32_t red, std::uint32_t green, std::uint32_t blue) {
  return static_cast<std::uint8_t>((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16);
}

inline fault truncated() {
  return {"picture.truncated", "The picture ends too early.",
          "Send it again; if it stays so, the sender cuts it short.", 422};
}
inline fault broken(std::string why) {
  return {"picture.broken", "The picture cannot be decoded: " + std::move(why) + ".",
          "Send a picture that other programs can open.", 422};
}

result<picture_header> jpeg_header(byte_span encoded);
/// Decodes into a picture that has the size of the header already.
result<bool> decode_jpeg(byte_span encoded, grey_image& picture);

result<picture_header> png_header(byte_span encoded);
result<bool> decode_png(byte_span encoded, grey_image& picture);

} // namespace troupe::printer::formats
