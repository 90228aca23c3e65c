#include "devices/printer/escpos.hpp"

#include "devices/printer/code_page.hpp"
#include "devices/printer/encode_operations.hpp"
#include "devices/printer/escpos_pictures.hpp"
#include "devices/printer/escpos_symbols.hpp"
#include "devices/printer/raster.hpp"

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
    end_line();
    align_.reset();
    align(alignment::center);
    print_picture(*dots);
    return true;
  }

  result<bool> operator()(const printing::raster& raster) {
    auto dots = rasterize(raster);
    if (!dots) return dots.error();
    end_line();
    align(raster.align);
    print_picture(*dots);
    return true;
  }

  result<bool> operator()(const printing::text& text) {
    align(text.align);
    set_style({std::clamp<std::uint8_t>(text.width, 1, 8),
               std::clamp<std::uint8_t>(text.height, 1, 8), text.bold, text.underline,
               text.reverse});
    std::string_view left = text.content;
    while (!left.empty()) {
      const auto run = take_run(left, page_);
      if (run.page != nullptr && run.page != page_) {
        if (page_ == nullptr) put({0x1C, 0x2E}); // FS . : bytes are not halves of Kanji
        put({0x1B, 0x74, run.page->escpos});
        page_ = run.page;
      }
      put(run.bytes);
      if (!run.bytes.empty()) line_open_ = run.bytes.back() != '\n';
    }
    set_style({});
    return true;
  }

  result<bool> operator()(const printing::feed& feed) {
    put_counted(0x64, feed.lines);
    put_counted(0x4A, feed.dots);
    return true;
  }

  result<bool> operator()(const printing::barcode& barcode) {
    end_line();
    align(barcode.align);
    return append_barcode(barcode, out_);
  }

  result<bool> operator()(const printing::qr_code& code) {
    end_line();
    align(code.align);
    if (mode_ == picture_mode::raster) return append_qr_code(code, out_);
    auto dots = rasterize(code);
    if (!dots) return dots.error();
    print_picture(*dots);
    return true;
  }

  result<bool> operator()(const printing::cut& cut) {
    end_line();
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
    put(raw.bytes.view());
    align_.reset();
    style_.reset();
    page_ = nullptr;
    line_open_ = false;
    return true;
  }

private:
  void put(std::initializer_list<std::uint8_t> bytes) { out_.insert(out_.end(), bytes); }
  void put(byte_span bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }

  /// ESC command n, as often as one byte for n asks for.
  void put_counted(std::uint8_t command, unsigned count) {
    for (; count > 0; count -= std::min(count, 255U)) {
      put({0x1B, command, static_cast<std::uint8_t>(std::min(count, 255U))});
      line_open_ = false;
    }
  }

  void end_line() {
    if (line_open_) put({0x0A});
    line_open_ = false;
  }

  void align(alignment wanted) {
    if (align_ == wanted) return;
    put({0x1B, 0x61, static_cast<std::uint8_t>(wanted)});
    align_ = wanted;
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
  std::optional<alignment> align_; ///< unknown until said: the till before may have left any
  std::optional<style> style_ = style{};
  const code_page* page_ = nullptr;
  bool line_open_ = false;
};

} // namespace

result<bool> encode(const printing::document& document, picture_mode mode,
                    const encode_options& options, byte_vector& out) {
  return encode_operations(document, encoder(mode, options, out), out);
}

} // namespace troupe::printer::escpos
