#include "sim/model/paper.hpp"

#include <cstdlib>
#include <memory>
#include <spng.h>

namespace troupe::sim {

std::string_view to_string(cut_kind kind) {
  switch (kind) {
  case cut_kind::full:
    return "full";
  case cut_kind::partial:
    return "partial";
  case cut_kind::torn:
    return "torn";
  }
  return "full";
}

bool receipt::black(std::size_t x, std::size_t y) const {
  auto stride = (width + 7) / 8;
  return x < width && y < height && (bits.view()[y * stride + x / 8] >> (7 - x % 8) & 1);
}

std::uint64_t receipt::hash() const {
  constexpr std::uint64_t basis = 0xcbf29ce484222325, prime = 0x100000001b3; // FNV-1a, 64 bits
  auto value = (basis ^ width) * prime;
  for (auto byte : bits.view())
    value = (value ^ byte) * prime;
  return value;
}

result<byte_vector> encode_png(std::size_t width, std::size_t height, byte_span bits) {
  auto stride = (width + 7) / 8;
  if (width == 0 || height == 0 || bits.size() < stride * height)
    return fault{"paper.empty", "There is no paper to make a picture of.", "Print something first.",
                 404};
  byte_vector grey(stride * height);
  for (std::size_t i = 0; i < grey.size(); ++i)
    grey[i] = static_cast<std::uint8_t>(~bits[i]);

  std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)> png(spng_ctx_new(SPNG_CTX_ENCODER),
                                                          spng_ctx_free);
  spng_ihdr header{};
  header.width = static_cast<std::uint32_t>(width);
  header.height = static_cast<std::uint32_t>(height);
  header.bit_depth = 1;
  header.color_type = SPNG_COLOR_TYPE_GRAYSCALE;
  int error = png ? spng_set_option(png.get(), SPNG_ENCODE_TO_BUFFER, 1) : SPNG_EMEM;
  if (!error) error = spng_set_ihdr(png.get(), &header);
  if (!error)
    error =
        spng_encode_image(png.get(), grey.data(), grey.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
  std::size_t size = 0;
  std::unique_ptr<void, decltype(&std::free)> encoded(
      error ? nullptr : spng_get_png_buffer(png.get(), &size, &error), std::free);
  if (error || !encoded)
    return fault{"paper.png",
                 std::string("The paper could not be made a PNG: ") + spng_strerror(error),
                 "Free some memory and try again.", 500};
  auto* first = static_cast<const std::uint8_t*>(encoded.get());
  return byte_vector(first, first + size);
}

void strip::add_text(std::string_view text) {
  auto room = receipt_text_bytes - text_.size();
  if (text.size() > room) {
    while (room > 0 && (static_cast<unsigned char>(text[room]) & 0xC0) == 0x80)
      --room;
    text = text.substr(0, room);
  }
  text_.append(text);
}

receipt strip::cut(cut_kind kind) {
  receipt done;
  done.number = number_++;
  done.cut = kind;
  done.width = width();
  done.height = height();
  done.bits = byte_vector(dots_.bits().begin(), dots_.bits().end());
  done.text = std::move(text_);
  text_.clear();
  dots_ = bitmap(done.width, 0);
  return done;
}

} // namespace troupe::sim
