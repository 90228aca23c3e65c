#pragma once

#include "devices/printer/bitmap.hpp"

namespace troupe::printer {

/// Shades of grey to dots: Floyd-Steinberg error diffusion, left to right, in the whole-number
/// arithmetic of Pillow's `convert("1")` on the inverted picture, so that the same dots come out.
bitmap dither(const grey_image& picture);

} // namespace troupe::printer
