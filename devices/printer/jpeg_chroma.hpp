#pragma once

#include "devices/printer/bitmap.hpp"

#include <cstddef>
#include <cstdint>

/// Grey from the planes of a JPEG, exactly as the way over red, green and blue gives it.
namespace troupe::printer::formats {

/// The two colour planes of a JPEG as stored: fewer samples than dots, no padding.
struct chroma_planes {
  byte_vector blue; ///< Cb; 128 is neutral
  byte_vector red;  ///< Cr
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool half_width = false;  ///< one sample for two dots across
  bool half_height = false; ///< one sample for two dots down; only with half_width
};

/// Turns the luma in `picture` into the grey of the full colour, in place. What has no
/// colour is its luma already and costs nothing. Upsampling and conversion follow libjpeg's
/// ("fancy" triangle filter, 16-bit fixed point) to the last bit. Planes at least 3 samples wide.
void apply_chroma(const chroma_planes& chroma, grey_image& picture);

} // namespace troupe::printer::formats
