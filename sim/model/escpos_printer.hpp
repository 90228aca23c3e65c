#pragma once

#include "sim/model/escpos_syntax.hpp"
#include "sim/model/font/code_pages.hpp"
#include "sim/model/line_composer.hpp"
#include "sim/model/receipt_printer.hpp"
#include "sim/model/symbols.hpp"

#include <array>
#include <map>
#include <string>
#include <vector>

namespace troupe::sim {

/// Most bytes of one command's data that are kept; longer data are skipped (1 MiB holds a picture
/// of 576 x 14500 dots).
constexpr std::size_t command_data_bytes = 1024 * 1024;
/// Most bytes of stored pictures (NV and download graphics) together.
constexpr std::size_t stored_picture_bytes = 1024 * 1024;
/// Longest page in page mode, in dots.
constexpr std::size_t page_rows = 1662;
/// Tallest picture or code printed by one command, in dots; what is below is lost.
constexpr std::size_t picture_rows = 8192;

/// A receipt printer that speaks ESC/POS as the common 80 mm printers do, 203 dots an inch.
class escpos_printer final : public receipt_printer {
public:
  explicit escpos_printer(printer_options options = {});
  std::string_view language() const override { return "escpos"; }

protected:
  std::size_t interpret(byte_span bytes) override;
  void see_arrival(std::uint8_t byte) override;
  std::size_t quiet_bytes(byte_span bytes) const override;
  std::size_t real_time_length(byte_span bytes) const override {
    return escpos::real_time_length(bytes);
  }
  void status_changed() override;
  void reset_settings() override;
  std::size_t feed_button_rows() const override { return set_.line_spacing; }

private:
  /// All that `ESC @` puts back.
  struct settings {
    text_style style;
    text_area area;
    std::size_t line_spacing = 30;
    const code_page* page = nullptr;
    std::uint8_t international = 0;
    std::vector<std::size_t> tabs;
    std::uint8_t unit_x = 0, unit_y = 0; // GS P: units an inch, 0 = dots
    std::size_t barcode_height = 162, barcode_module = 3;
    std::uint8_t readable = 0; // GS H: 0 none, 1 above, 2 below, 3 both
    bool readable_font_b = false;
    std::size_t qr_module = 3;
    char qr_level = 'L';
    std::uint8_t automatic_status = 0; // GS a
    bool enabled = true;               // ESC =
  };
  enum class phase { text, header, counted, to_nul, raster, items };
  /// A raster picture while its rows arrive.
  struct raster_state {
    std::size_t row_bytes = 0;
    std::size_t across = 1, down = 1;
    byte_vector row;
  };
  struct page_state {
    bool on = false;
    std::size_t x = 0, y = 0, width = 0, height = 0; // the print area on the page
    std::uint8_t direction = 0;                      // ESC T
    std::size_t cursor = 0;
    std::size_t used_rows = 0;
    text_area outside; // the text area of standard mode
    bitmap canvas, page;
  };

  // escpos_printer.cpp: taking commands apart
  std::size_t step(byte_span bytes);
  std::size_t take_text(byte_span bytes);
  std::size_t take_header(std::uint8_t byte);
  std::size_t take_counted(byte_span bytes);
  std::size_t take_to_nul(byte_span bytes);
  std::size_t take_item(byte_span bytes);
  void end_item();
  std::size_t keep(byte_span bytes);
  void begin_body(escpos::shape shape);
  void finish();
  void skip_unknown();
  void execute(byte_span data);
  void execute_control();
  void execute_esc(byte_span data);
  void execute_gs(byte_span data);
  void execute_fs(byte_span data);
  std::uint8_t parameter(std::size_t index) const { return header_[2 + index]; }
  std::size_t word(std::size_t index) const {
    return parameter(index) + 256u * parameter(index + 1);
  }

  // escpos_text.cpp: characters, lines, positions
  void put_character(std::uint8_t byte);
  void end_line(std::size_t feed);
  void flush_line();
  void close_line();
  void feed_lines(std::size_t rows);
  void choose_print_mode(std::uint8_t n);
  void choose_size(std::uint8_t n);
  bool execute_style();
  bool execute_position();
  void set_tabs(byte_span columns);
  void next_tab();
  void move_down(std::size_t y);
  void set_margin(std::size_t left, std::size_t width);
  void cut_paper(std::uint8_t mode, std::size_t feed);
  std::size_t dots_across(std::size_t units) const;
  std::size_t dots_down(std::size_t units) const;
  void output(bitmap rows);
  void output_blank(std::size_t rows);
  void output_aligned(const bitmap& picture);
  std::size_t aligned_left(std::size_t width) const;

  // escpos_graphics.cpp
  void begin_raster(std::uint64_t bytes);
  std::size_t take_raster(byte_span bytes);
  void print_columns(byte_span data);
  void execute_graphics(byte_span data);
  void store_graphics(byte_span data, bool columns);
  void define_graphics(byte_span data, char where);
  void print_stored(const std::string& key, std::size_t across, std::size_t down);
  void store_picture(const std::string& key, bitmap picture);
  void note_picture(std::size_t width, std::size_t height);
  void close_picture();

  // escpos_symbols.cpp
  void print_barcode(byte_span data);
  void execute_symbol(byte_span data);
  void print_qr_code();

  // escpos_status.cpp
  bool drawer_pin_high() const { return state().drawer_open == options().drawer_open_is_high; }
  void run_real_time(byte_span command);
  void recover(bool clear);
  std::uint8_t real_time_status(std::uint8_t kind) const;
  std::array<std::uint8_t, 4> automatic_status() const;
  void set_automatic_status(std::uint8_t categories);
  void answer_sensor(std::uint8_t kind);
  void answer_identity(std::uint8_t kind);
  void answer_process(byte_span data);

  // escpos_page.cpp
  void enter_page();
  void leave_page();
  void begin_area();
  void set_page_area();
  void merge_area();
  void print_page();

  settings set_;
  line_composer line_;
  std::string line_text_;
  phase phase_ = phase::text;
  byte_vector header_;
  byte_vector data_;
  std::uint64_t remaining_ = 0; // bytes of data, or of this item's
  std::uint64_t items_left_ = 0;
  byte_vector item_header_;
  bool overlong_ = false; // the data were more than is kept
  raster_state raster_;
  std::size_t picture_width_ = 0, picture_height_ = 0; // noted, not yet in the text
  std::map<std::string, bitmap> stored_;
  bitmap graphics_; // GS ( L print buffer
  byte_vector symbol_data_;
  page_state page_;
  byte_vector arriving_; // a real-time command so far
  std::array<std::uint8_t, 4> last_status_{};
};

/// Text safe to show: valid UTF-8 stays, anything else becomes a question mark.
std::string printable(byte_span bytes);

} // namespace troupe::sim
