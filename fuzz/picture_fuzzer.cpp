// links: troupe_printer
#include "devices/printer/dither.hpp"
#include "devices/printer/picture.hpp"

#include <cstdlib>

/// Any bytes as a picture: a fault or a picture of the size that the header promised.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;
  const byte_span bytes(data, size);
  const auto header = printer::read_picture_header(bytes);
  // Large pictures are only slow, not different.
  if (header && std::uint64_t{header->width} * header->height > 1'000'000) return 0;
  const auto picture = printer::decode_picture(bytes);
  if (!header && picture) std::abort();
  if (!picture) {
    if (picture.error().code.empty() || picture.error().text.empty()) std::abort();
    return 0;
  }
  if (picture->width != header->width || picture->height != header->height ||
      picture->dots.size() != std::size_t{picture->width} * picture->height)
    std::abort();
  const auto dots = printer::dither(*picture);
  if (dots.bits.size() != dots.stride() * dots.height) std::abort();
  return 0;
}
