#include "devices/printer/picture.hpp"

#include "devices/printer/picture_formats.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace troupe::printer {
namespace {

constexpr std::array<std::uint8_t, 3> jpeg_magic{0xFF, 0xD8, 0xFF};
constexpr std::array<std::uint8_t, 8> png_magic{0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A};

template <class Magic>
bool starts_with(byte_span bytes, const Magic& magic) {
  return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

fault too_large(std::string what) {
  return {"picture.too_large", "The picture is too large: " + std::move(what) + ".",
          "Send a smaller picture, or print it in parts.", 413};
}

result<picture_header> within_limits(result<picture_header> header) {
  if (!header) return header;
  if (header->width == 0 || header->height == 0) return formats::broken("it has no dots");
  if (header->width > max_picture_width || header->height > max_picture_height)
    return too_large(std::to_string(header->width) + " x " + std::to_string(header->height) +
                     " dots, at most " + std::to_string(max_picture_width) + " x " +
                     std::to_string(max_picture_height) + " are printed");
  if (std::uint64_t{header->width} * header->height > max_picture_dots)
    return too_large(std::to_string(std::uint64_t{header->width} * header->height) +
                     " dots, at most " + std::to_string(max_picture_dots) + " are printed");
  return header;
}

} // namespace

result<picture_header> read_picture_header(byte_span encoded) {
  if (encoded.empty())
    return fault{"picture.empty", "There is no picture.", "Send a JPEG or PNG picture.", 422};
  if (encoded.size() > max_picture_bytes)
    return too_large(std::to_string(encoded.size()) + " bytes, at most " +
                     std::to_string(max_picture_bytes) + " are read");
  if (starts_with(encoded, jpeg_magic)) return within_limits(formats::jpeg_header(encoded));
  if (starts_with(encoded, png_magic)) return within_limits(formats::png_header(encoded));
  return fault{"picture.unknown_format", "The picture is neither a JPEG nor a PNG.",
               "Send a JPEG or PNG picture.", 415};
}

result<bool> decode_picture_into(byte_span encoded, grey_image& picture) {
  auto header = read_picture_header(encoded);
  if (!header) return header.error();
  picture.width = header->width;
  picture.height = header->height;
  picture.dots.resize(std::size_t{header->width} * header->height);
  return header->format == picture_format::jpeg ? formats::decode_jpeg(encoded, picture)
                                                : formats::decode_png(encoded, picture);
}

result<grey_image> decode_picture(byte_span encoded) {
  grey_image picture;
  auto done = decode_picture_into(encoded, picture);
  if (!done) return done.error();
  return picture;
}

result<grey_image> scale_percent(const grey_image& picture, std::uint32_t percent) {
  if (percent == 100) return picture;
  if (percent < 1 || percent > 400)
    return fault{"picture.bad_scale",
                 "A picture cannot be scaled to " + std::to_string(percent) + " percent.",
                 "Ask for 1 to 400 percent.", 422};
  picture_header scaled;
  scaled.width = std::max(picture.width * percent / 100, 1U);
  scaled.height = std::max(picture.height * percent / 100, 1U);
  auto checked = within_limits(scaled);
  if (!checked) return checked.error();
  return scale(picture, scaled.width, scaled.height);
}

} // namespace troupe::printer
