#include "devices/printer/picture_formats.hpp"

#include <memory>
#include <spng.h>

namespace troupe::printer::formats {
namespace {

struct context_closer {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
using context = std::unique_ptr<spng_ctx, context_closer>;

/// Memory that texts, profiles and the like inside a PNG may take while they are skipped.
constexpr std::size_t max_side_chunk_bytes = 256 * 1024;

/// Whether the bytes end before the last chunk does (8 bytes of magic, then length, name, data and
/// checksum of each chunk).
bool cut_short(byte_span encoded) {
  std::size_t at = 8;
  while (at + 12 <= encoded.size()) {
    const auto* chunk = encoded.data() + at;
    const std::size_t length = std::size_t{chunk[0]} << 24 | std::size_t{chunk[1]} << 16 |
                               std::size_t{chunk[2]} << 8 | chunk[3];
    if (length > encoded.size() - at - 12) return true;
    if (as_text({chunk + 4, 4}) == "IEND") return false;
    at += 12 + length;
  }
  return true;
}

fault fault_of(int error, byte_span encoded = {}) {
  switch (error) {
  case SPNG_EWIDTH:
  case SPNG_EHEIGHT:
  case SPNG_EUSER_WIDTH:
  case SPNG_EUSER_HEIGHT:
    return {"picture.too_large", "The picture is too large.",
            "Send a smaller picture, or print it in parts.", 413};
  case SPNG_EMEM:
    return {"picture.no_memory", "There is not enough memory for the picture.",
            "Send a smaller picture.", 503};
  default:
    return cut_short(encoded) ? truncated() : broken(spng_strerror(error));
  }
}

/// A context that has read the header of the picture; the bytes must outlive it.
result<context> open(byte_span encoded, spng_ihdr& header) {
  context opened(spng_ctx_new(0));
  if (!opened) return fault_of(SPNG_EMEM);
  spng_set_image_limits(opened.get(), 0x7FFFFFFF, 0x7FFFFFFF);
  spng_set_chunk_limits(opened.get(), max_side_chunk_bytes, max_side_chunk_bytes);
  if (int error = spng_set_png_buffer(opened.get(), encoded.data(), encoded.size()))
    return fault_of(error, encoded);
  if (int error = spng_get_ihdr(opened.get(), &header)) return fault_of(error, encoded);
  return opened;
}

bool has_transparency(spng_ctx* opened, const spng_ihdr& header) {
  spng_trns transparent{};
  return header.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA ||
         header.color_type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA ||
         spng_get_trns(opened, &transparent) == 0;
}

std::uint8_t on_white(std::uint32_t grey, std::uint32_t opacity) {
  return static_cast<std::uint8_t>((grey * opacity + 255 * (255 - opacity) + 127) / 255);
}

void take_row(const std::uint8_t* row, std::uint32_t width, int format, std::uint8_t* grey) {
  if (format == SPNG_FMT_RGB8) {
    for (std::uint32_t x = 0; x < width; ++x, row += 3)
      grey[x] = grey_of(row[0], row[1], row[2]);
  } else {
    for (std::uint32_t x = 0; x < width; ++x, row += 4)
      grey[x] = on_white(grey_of(row[0], row[1], row[2]), row[3]);
  }
}

/// Row by row, so that only one row is held in colour.
int decode_rows(spng_ctx* opened, int format, int flags, std::size_t row_bytes,
                grey_image& picture) {
  byte_vector row(format == SPNG_FMT_G8 ? 0 : row_bytes);
  if (int error = spng_decode_image(opened, nullptr, 0, format, flags | SPNG_DECODE_PROGRESSIVE))
    return error;
  for (std::uint32_t y = 0; y < picture.height; ++y) {
    auto* target = picture.dots.data() + std::size_t{y} * picture.width;
    const int error = spng_decode_row(opened, row.empty() ? target : row.data(), row_bytes);
    if (error != 0 && !(error == SPNG_EOI && y + 1 == picture.height)) return error;
    if (!row.empty()) take_row(row.data(), picture.width, format, target);
  }
  return 0;
}

/// An interlaced picture comes as a whole.
int decode_whole(spng_ctx* opened, int format, int flags, std::size_t row_bytes,
                 grey_image& picture) {
  byte_vector whole(row_bytes * picture.height);
  if (int error = spng_decode_image(opened, whole.data(), whole.size(), format, flags))
    return error;
  if (format == SPNG_FMT_G8) {
    picture.dots = std::move(whole);
    return 0;
  }
  for (std::uint32_t y = 0; y < picture.height; ++y)
    take_row(whole.data() + y * row_bytes, picture.width, format,
             picture.dots.data() + std::size_t{y} * picture.width);
  return 0;
}

} // namespace

result<picture_header> png_header(byte_span encoded) {
  spng_ihdr header{};
  auto opened = open(encoded, header);
  if (!opened) return opened.error();
  return picture_header{picture_format::png, header.width, header.height};
}

result<bool> decode_png(byte_span encoded, grey_image& picture) {
  spng_ihdr header{};
  auto opened = open(encoded, header);
  if (!opened) return opened.error();
  const bool transparent = has_transparency(opened->get(), header);
  const bool plain_grey = header.color_type == SPNG_COLOR_TYPE_GRAYSCALE && header.bit_depth <= 8;
  const int format = transparent ? SPNG_FMT_RGBA8 : plain_grey ? SPNG_FMT_G8 : SPNG_FMT_RGB8;
  const int flags = transparent ? SPNG_DECODE_TRNS : 0;
  const std::size_t dot_bytes = transparent ? 4 : plain_grey ? 1 : 3;
  const auto decode = header.interlace_method == 0 ? decode_rows : decode_whole;
  if (int error = decode(opened->get(), format, flags, dot_bytes * header.width, picture))
    return fault_of(error, encoded);
  return true;
}

} // namespace troupe::printer::formats
