#include "devices/printer/escpos.hpp"

#include "devices/printer/encode_operations.hpp"
#include "devices/printer/escpos_pictures.hpp"
#include "devices/printer/escpos_symbols.hpp"
#include "devices/printer/raster.hpp"
#include "devices/printer/text_layout.hpp"

#include <algorithm>
#include <optional>

namespace troupe::printer::escpos {
namespace {

using printing::alignment;

struct style {
  std::uint8_t width = 1;
  std::uint8_t height = 1;
  bool bold = false;
  bool underline = false;
  bool reverse = false;
  friend bool operator==(const style&, const style&) = default;
};

/// Walks a document and keeps in mind what the printer has been told.
class encoder {
public:
  encoder(picture_mode mode, const encode_options& options, byte_vector& out)
      : mode_(mode), options_(options), out_(out) {}

  result<bool> operator()(const printing::picture& picture) {
    auto dots = rasterize(picture, options_);
    if (!dots) return dots.error();
    // Always said, even if known: tills count on these very bytes.
    layout_.end_line();
    layout_.forget_alignment();
    align(alignment::center);
    print_picture(*dots);
    return true;
  }

  result<bool> operator()(const printing::raster& raster) {
    auto dots = rasterize(raster);
    if (!dots) return dots.error();
    layout_.end_line();
    align(raster.align);
    print_picture(*dots);
    return true;
  }

  result<bool> operator()(const printing::text& text) {
    align(text.align);
    set_style({std::clamp<std::uint8_t>(text.width, 1, 8),
               std::clamp<std::uint8_t>(text.height, 1, 8), text.bold, text.underline,
               text.reverse});
    layout_.write(text.content, [this](const code_page* from, const code_page& to) {
      if (from == nullptr) put({0x1C, 0x2E}); // FS . : bytes are not halves of Kanji
      put({0x1B, 0x74, to.escpos});
    });
    set_style({});
    return true;
  }

  result<bool> operator()(const printing::feed& feed) {
    put_counted(0x64, feed.lines);
    put_counted(0x4A, feed.dots);
    return true;
  }

  result<bool> operator()(const printing::barcode& barcode) {
    layout_.end_line();
    align(barcode.align);
    return append_barcode(barcode, out_);
  }

  result<bool> operator()(const printing::qr_code& code) {
    layout_.end_line();
    align(code.align);
    if (mode_ == picture_mode::raster) return append_qr_code(code, out_);
    auto dots = rasterize(code);
    if (!dots) return dots.error();
    print_picture(*dots);
    return true;
  }

  result<bool> operator()(const printing::cut& cut) {
    layout_.end_line();
    if (cut.kind == printing::cut_kind::feed_and_cut)
      put({0x1D, 0x56, 0x41, 0x0A});
    else
      put({0x1D, 0x56, 0x01});
    return true;
  }

  result<bool> operator()(const printing::drawer_pulse& pulse) {
    // The drawer needs the printer selected (ESC =), and counts time in steps of 2 ms.
    const auto time = static_cast<std::uint8_t>(std::clamp(pulse.on_ms / 2, 1, 255));
    put({0x1B, 0x3D, 0x01});
    for (std::uint8_t connector : {0, 1})
      if (!pulse.connector || *pulse.connector == connector)
        put({0x1B, 0x70, connector, time, time});
    return true;
  }

  result<bool> operator()(const printing::raw& raw) {
    layout_.put(raw.bytes.view());
    layout_.forget();
    style_.reset();
    return true;
  }

private:
  void put(std::initializer_list<std::uint8_t> bytes) { layout_.put(bytes); }
  void align(alignment wanted) { layout_.align({0x1B, 0x61}, wanted); }

  /// ESC command n, as often as one byte for n asks for.
  void put_counted(std::uint8_t command, unsigned count) {
    for (; count > 0; count -= std::min(count, 255U)) {
      put({0x1B, command, static_cast<std::uint8_t>(std::min(count, 255U))});
      layout_.line_ended();
    }
  }

  void set_style(const style& wanted) {
    if (style_ == wanted) return;
    std::uint8_t mode = 0;
    if (wanted.bold) mode |= 0x08;
    if (wanted.underline) mode |= 0x80;
    if (wanted.height == 2) mode |= 0x10;
    if (wanted.width == 2) mode |= 0x20;
    put({0x1B, 0x21, mode});
    if (wanted.width > 2 || wanted.height > 2)
      put({0x1D, 0x21, static_cast<std::uint8_t>((wanted.width - 1) << 4 | (wanted.height - 1))});
    if (!style_ || style_->reverse != wanted.reverse) put({0x1D, 0x42, wanted.reverse});
    style_ = wanted;
  }

  void print_picture(const bitmap& dots) {
    if (mode_ == picture_mode::raster)
      append_raster(dots, options_.slice_rows, out_);
    else
      append_columns(dots, options_.column, out_);
  }

  picture_mode mode_;
  const encode_options& options_;
  byte_vector& out_;
  text_layout layout_{out_};
  std::optional<style> style_ = style{};
};

} // namespace

result<bool> encode(const printing::document& document, picture_mode mode,
                    const encode_options& options, byte_vector& out) {
  return encode_operations(document, encoder(mode, options, out), out);
}

} // namespace troupe::printer::escpos
