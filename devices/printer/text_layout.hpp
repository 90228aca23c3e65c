#pragma once

#include "devices/printer/code_page.hpp"
#include "messages/bytes.hpp"
#include "messages/printing.hpp"

#include <initializer_list>
#include <optional>
#include <string_view>

namespace troupe::printer {

/// What a receipt printer has been told of alignment and code page, and whether a line is begun.
/// Languages differ in the commands only.
class text_layout {
public:
  explicit text_layout(byte_vector& out) : out_(out) {}

  void put(std::initializer_list<std::uint8_t> bytes) { out_.insert(out_.end(), bytes); }
  void put(byte_span bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }

  void end_line() {
    if (line_open_) put({0x0A});
    line_open_ = false;
  }
  /// Something moved the paper on by itself.
  void line_ended() { line_open_ = false; }

  /// `command`, then the alignment as one byte; nothing when the printer knows it.
  void align(std::initializer_list<std::uint8_t> command, printing::alignment wanted) {
    if (align_ == wanted) return;
    put(command);
    put({static_cast<std::uint8_t>(wanted)});
    align_ = wanted;
  }
  void forget_alignment() { align_.reset(); }

  /// `change_page(from, to)` puts the command; `from` is null for the first.
  template <class ChangePage>
  void write(std::string_view text, ChangePage change_page) {
    while (!text.empty()) {
      const auto run = take_run(text, page_);
      if (run.page != nullptr && run.page != page_) {
        change_page(page_, *run.page);
        page_ = run.page;
      }
      put(run.bytes);
      if (!run.bytes.empty()) line_open_ = run.bytes.back() != '\n';
    }
  }

  /// Bytes of somebody else's went out: nothing is known any more.
  void forget() {
    align_.reset();
    page_ = nullptr;
    line_open_ = false;
  }

private:
  byte_vector& out_;
  std::optional<printing::alignment>
      align_; ///< unknown until said: the till before may have left any
  const code_page* page_ = nullptr;
  bool line_open_ = false;
};

} // namespace troupe::printer
