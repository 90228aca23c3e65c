#include "devices/printer/jpeg_chroma.hpp"
#include "devices/printer/picture_formats.hpp"

#include <algorithm>
#include <memory>
#include <string_view>
#include <turbojpeg.h>

namespace troupe::printer::formats {
namespace {

struct decoder_closer {
  void operator()(void* decoder) const { tjDestroy(decoder); }
};
using decoder = std::unique_ptr<void, decoder_closer>;

constexpr int decode_flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS;

/// Bytes after the end marker that are still looked over for it; senders pad a little.
constexpr std::size_t padding_looked_over = 64;

bool has_end_marker(byte_span encoded) {
  const auto tail = encoded.last(std::min(encoded.size(), padding_looked_over));
  return as_text(tail).find("\xFF\xD9") != std::string_view::npos;
}

/// Whether the bytes end before the first scan begins; segments say their length.
bool ends_in_header(byte_span encoded) {
  constexpr std::uint8_t start_of_scan = 0xDA;
  for (std::size_t at = 2; at + 4 <= encoded.size();) {
    if (encoded[at] != 0xFF || encoded[at + 1] == start_of_scan) return false;
    if (encoded[at + 1] == 0xFF)
      ++at;
    else
      at += 2 + (std::size_t{encoded[at + 2]} << 8 | encoded[at + 3]);
  }
  return true;
}

bool cut_short(byte_span encoded) {
  return ends_in_header(encoded) || !has_end_marker(encoded);
}

struct jpeg_properties {
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int colorspace = 0;
};

result<jpeg_properties> read_properties(tjhandle handle, byte_span encoded) {
  jpeg_properties found;
  const bool read = tjDecompressHeader3(handle, encoded.data(), encoded.size(), &found.width,
                                        &found.height, &found.subsampling, &found.colorspace) == 0;
  if ((!read && tjGetErrorCode(handle) == TJERR_FATAL) || found.width <= 0 || found.height <= 0)
    return cut_short(encoded) ? truncated() : broken(tjGetErrorStr2(handle));
  return found;
}

/// A warning of the decoder means dots that nobody drew; only stray bytes between markers do no
/// harm.
result<bool> check_outcome(tjhandle handle, int returned, byte_span encoded) {
  if (cut_short(encoded)) return truncated();
  if (returned == 0) return true;
  const std::string_view message = tjGetErrorStr2(handle);
  if (tjGetErrorCode(handle) == TJERR_WARNING &&
      message.find("extraneous bytes before marker") != std::string_view::npos)
    return true;
  if (message.find("remature end") != std::string_view::npos) return truncated();
  return broken(std::string(message));
}

/// Cyan, magenta, yellow and black as Adobe writes them: inverted.
void grey_of_inverted_cmyk(const byte_vector& cmyk, byte_vector& grey) {
  for (std::size_t i = 0; i < grey.size(); ++i) {
    const auto* dot = cmyk.data() + 4 * i;
    const auto channel = [&](std::uint32_t ink) { return (ink * dot[3] + 127) / 255; };
    grey[i] = grey_of(channel(dot[0]), channel(dot[1]), channel(dot[2]));
  }
}

/// Decodes to grey, red-green-blue or inks in one go.
result<bool> decode_packed(tjhandle handle, byte_span encoded, int format, grey_image& picture) {
  const bool straight = format == TJPF_GRAY;
  byte_vector colors;
  if (!straight) colors.resize(picture.dots.size() * static_cast<std::size_t>(tjPixelSize[format]));
  const int returned = tjDecompress2(
      handle, encoded.data(), encoded.size(), straight ? picture.dots.data() : colors.data(),
      static_cast<int>(picture.width), 0, static_cast<int>(picture.height), format, decode_flags);
  auto fine = check_outcome(handle, returned, encoded);
  if (!fine) return fine;
  if (format == TJPF_CMYK) grey_of_inverted_cmyk(colors, picture.dots);
  if (format == TJPF_RGB)
    for (std::size_t i = 0; i < picture.dots.size(); ++i)
      picture.dots[i] = grey_of(colors[3 * i], colors[3 * i + 1], colors[3 * i + 2]);
  return true;
}

/// The colour planes of the last picture of this thread, kept (if small) so that their memory need
/// not be asked from the system for each receipt again, which takes as long as half the decoding.
chroma_planes& kept_planes() {
  constexpr std::size_t most_kept_bytes = 256 * 1024;
  thread_local chroma_planes kept;
  if (kept.blue.capacity() > most_kept_bytes) kept = {};
  return kept;
}

/// Decodes to luma and colour planes; most receipts have no colour, so most rows are done then.
result<bool> decode_planes(tjhandle handle, byte_span encoded, int subsampling,
                           grey_image& picture) {
  const int width = static_cast<int>(picture.width);
  const int height = static_cast<int>(picture.height);
  const int luma_width = tjPlaneWidth(0, width, subsampling);
  const int luma_height = tjPlaneHeight(0, height, subsampling);
  auto& chroma = kept_planes();
  chroma.width = static_cast<std::uint32_t>(tjPlaneWidth(1, width, subsampling));
  chroma.height = static_cast<std::uint32_t>(tjPlaneHeight(1, height, subsampling));
  chroma.half_width = subsampling != TJSAMP_444;
  chroma.half_height = subsampling == TJSAMP_420;
  chroma.blue.resize(std::size_t{chroma.width} * chroma.height);
  chroma.red.resize(chroma.blue.size());
  byte_vector luma;
  if (luma_width != width || luma_height != height)
    luma.resize(static_cast<std::size_t>(luma_width) * static_cast<std::size_t>(luma_height));

  unsigned char* planes[]{luma.empty() ? picture.dots.data() : luma.data(), chroma.blue.data(),
                          chroma.red.data()};
  const int returned = tjDecompressToYUVPlanes(handle, encoded.data(), encoded.size(), planes,
                                               width, nullptr, height, decode_flags);
  auto fine = check_outcome(handle, returned, encoded);
  if (!fine) return fine;
  if (!luma.empty())
    for (int y = 0; y < height; ++y)
      std::copy_n(luma.begin() + std::ptrdiff_t{y} * luma_width, width,
                  picture.dots.begin() + std::ptrdiff_t{y} * width);
  apply_chroma(chroma, picture);
  return true;
}

/// Narrower pictures are upsampled otherwise by libjpeg.
constexpr int least_width_for_planes = 8;

bool planes_suffice(const jpeg_properties& found) {
  return found.colorspace == TJCS_YCbCr && found.width >= least_width_for_planes &&
         (found.subsampling == TJSAMP_444 || found.subsampling == TJSAMP_422 ||
          found.subsampling == TJSAMP_420);
}

} // namespace

result<picture_header> jpeg_header(byte_span encoded) {
  const decoder handle(tjInitDecompress());
  if (!handle) return broken("the JPEG decoder does not start");
  auto found = read_properties(handle.get(), encoded);
  if (!found) return found.error();
  return picture_header{picture_format::jpeg, static_cast<std::uint32_t>(found->width),
                        static_cast<std::uint32_t>(found->height)};
}

result<bool> decode_jpeg(byte_span encoded, grey_image& picture) {
  if (cut_short(encoded)) return truncated();
  const decoder handle(tjInitDecompress());
  if (!handle) return broken("the JPEG decoder does not start");
  auto found = read_properties(handle.get(), encoded);
  if (!found) return found.error();
  if (planes_suffice(*found))
    return decode_planes(handle.get(), encoded, found->subsampling, picture);
  const bool inks = found->colorspace == TJCS_CMYK || found->colorspace == TJCS_YCCK;
  const int format = inks ? TJPF_CMYK : found->colorspace == TJCS_GRAY ? TJPF_GRAY : TJPF_RGB;
  return decode_packed(handle.get(), encoded, format, picture);
}

} // namespace troupe::printer::formats
