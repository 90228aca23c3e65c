#include "devices/printer/star.hpp"

#include "devices/printer/barcode_data.hpp"
#include "devices/printer/encode_operations.hpp"
#include "devices/printer/raster.hpp"
#include "devices/printer/text_layout.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>

namespace troupe::printer::star {
namespace {

using printing::alignment;
using printing::barcode_kind;

/// Pulse time that a printer has after power-on, and that Odoo's box leaves alone.
constexpr std::uint16_t usual_pulse_ms = printing::drawer_pulse{}.on_ms;

/// n1 of `ESC b`.
char kind_digit(barcode_kind kind) {
  switch (kind) {
  case barcode_kind::upc_e:
    return '0';
  case barcode_kind::upc_a:
    return '1';
  case barcode_kind::ean8:
    return '2';
  case barcode_kind::ean13:
    return '3';
  case barcode_kind::code39:
    return '4';
  case barcode_kind::itf:
    return '5';
  case barcode_kind::code128:
    return '6';
  case barcode_kind::code93:
    return '7';
  case barcode_kind::codabar:
    return '8';
  }
  return '6';
}

/// n3 of `ESC b`: modes 1, 2, 3 are modules of 2, 3, 4 dots (wide bars three times as wide); ITF
/// has those as 7, 8, 9.
char mode_digit(const printing::barcode& barcode) {
  const int step = std::clamp<int>(barcode.module_dots, 2, 4) - 2;
  return static_cast<char>((barcode.kind == barcode_kind::itf ? '7' : '1') + step);
}

/// Code 128 and Code 93 write `%` as `%0`, control characters as `%` and the letter 64 higher, and
/// 0x7F as `%5`.
std::string percent_escaped(std::string_view data) {
  std::string escaped;
  for (char c : data) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '%')
      escaped += "%0";
    else if (code == 0x7F)
      escaped += "%5";
    else if (code < 0x20)
      escaped += {'%', static_cast<char>(code + 0x40)};
    else
      escaped += c;
  }
  return escaped;
}

std::string barcode_bytes(const printing::barcode& barcode) {
  if (barcode.kind == barcode_kind::code128) return percent_escaped(plain_code128(barcode.data));
  if (barcode.kind == barcode_kind::code93) return percent_escaped(barcode.data);
  return barcode.data;
}

class encoder {
public:
  encoder(const encode_options& options, byte_vector& out) : options_(options), out_(out) {}

  result<bool> operator()(const printing::picture& picture) {
    auto dots = rasterize(picture, options_);
    if (!dots) return dots.error();
    layout_.end_line();
    layout_.forget_alignment();
    align(alignment::center);
    print_raster(*dots);
    return true;
  }

  result<bool> operator()(const printing::raster& raster) {
    auto dots = rasterize(raster);
    if (!dots) return dots.error();
    layout_.end_line();
    align(raster.align);
    print_raster(*dots);
    return true;
  }

  result<bool> operator()(const printing::text& text) {
    align(text.align);
    begin_style(text);
    layout_.write(text.content, [this](const code_page*, const code_page& to) {
      put({0x1B, 0x1D, 0x74, to.star});
    });
    end_style(text);
    return true;
  }

  result<bool> operator()(const printing::feed& feed) {
    layout_.end_line();
    // ESC I n feeds n/8 mm, one dot of a 203 dots an inch head.
    for (unsigned dots = feed.lines * line_dots + feed.dots; dots > 0; dots -= std::min(dots, 255U))
      put({0x1B, 0x49, static_cast<std::uint8_t>(std::min(dots, 255U))});
    return true;
  }

  result<bool> operator()(const printing::barcode& barcode) {
    if (auto fine = check_barcode(barcode); !fine) return fine;
    layout_.end_line();
    align(barcode.align);
    const bool text = barcode.text != printing::barcode_text::none;
    put({0x1B, 0x62, static_cast<std::uint8_t>(kind_digit(barcode.kind)),
         static_cast<std::uint8_t>(text ? '2' : '1'),
         static_cast<std::uint8_t>(mode_digit(barcode)),
         std::max<std::uint8_t>(barcode.height_dots, 1)});
    const auto data = barcode_bytes(barcode);
    out_.insert(out_.end(), data.begin(), data.end());
    put({0x1E});
    return true;
  }

  result<bool> operator()(const printing::qr_code& code) {
    if (auto fine = check_qr_code(code); !fine) return fine;
    layout_.end_line();
    align(code.align);
    put({0x1B, 0x1D, 0x79, 0x53, 0x30, 0x02});
    put({0x1B, 0x1D, 0x79, 0x53, 0x31, correction_level(code)});
    put({0x1B, 0x1D, 0x79, 0x53, 0x32, std::clamp<std::uint8_t>(code.module_dots, 1, 8)});
    put({0x1B, 0x1D, 0x79, 0x44, 0x31, 0x00, static_cast<std::uint8_t>(code.data.size()),
         static_cast<std::uint8_t>(code.data.size() >> 8)});
    out_.insert(out_.end(), code.data.begin(), code.data.end());
    put({0x1B, 0x1D, 0x79, 0x50});
    return true;
  }

  result<bool> operator()(const printing::cut& cut) {
    layout_.end_line();
    // n of ESC d: 2 feeds to the cutter and cuts, 0 cuts where the paper stands.
    put({0x1B, 0x64,
         static_cast<std::uint8_t>(cut.kind == printing::cut_kind::feed_and_cut ? 2 : 0)});
    return true;
  }

  result<bool> operator()(const printing::drawer_pulse& pulse) {
    if (pulse.on_ms != usual_pulse_ms) {
      const auto time = static_cast<std::uint8_t>(std::clamp(pulse.on_ms / 10, 1, 127));
      put({0x1B, 0x07, time, time});
    }
    if (pulse.connector.value_or(0) == 0) put({0x07});
    if (pulse.connector.value_or(1) == 1) put({0x1A});
    return true;
  }

  result<bool> operator()(const printing::raw& raw) {
    layout_.put(raw.bytes.view());
    layout_.forget();
    return true;
  }

private:
  void put(std::initializer_list<std::uint8_t> bytes) { layout_.put(bytes); }
  void align(alignment wanted) { layout_.align({0x1B, 0x1D, 0x61}, wanted); }

  void begin_style(const printing::text& text) {
    if (text.width > 1 || text.height > 1)
      put({0x1B, 0x69, static_cast<std::uint8_t>(std::clamp<int>(text.height, 1, 6) - 1),
           static_cast<std::uint8_t>(std::clamp<int>(text.width, 1, 6) - 1)});
    if (text.bold) put({0x1B, 0x45});
    if (text.underline) put({0x1B, 0x2D, 0x01});
    if (text.reverse) put({0x1B, 0x34});
  }

  void end_style(const printing::text& text) {
    if (text.width > 1 || text.height > 1) put({0x1B, 0x69, 0x00, 0x00});
    if (text.bold) put({0x1B, 0x46});
    if (text.underline) put({0x1B, 0x2D, 0x00});
    if (text.reverse) put({0x1B, 0x35});
  }

  /// Raster mode with an endless page; each row says its own length.
  void print_raster(const bitmap& dots) {
    const std::size_t stride = dots.stride();
    out_.reserve(out_.size() + dots.height * (stride + 3) + 16);
    put({0x1B, 0x2A, 0x72, 0x41});
    put({0x1B, 0x2A, 0x72, 0x50, 0x30, 0x00});
    for (std::size_t y = 0; y < dots.height; ++y) {
      put({0x62, static_cast<std::uint8_t>(stride), static_cast<std::uint8_t>(stride >> 8)});
      out_.insert(out_.end(), dots.row(y), dots.row(y) + stride);
    }
    put({0x1B, 0x2A, 0x72, 0x42});
  }

  const encode_options& options_;
  byte_vector& out_;
  text_layout layout_{out_};
};

} // namespace

result<bool> encode(const printing::document& document, const encode_options& options,
                    byte_vector& out) {
  return encode_operations(document, encoder(options, out), out);
}

} // namespace troupe::printer::star
