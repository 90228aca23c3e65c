#pragma once

#include "messages/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

/// Text for printers that know no Unicode: one byte a character, in a code page chosen before it.
namespace troupe::printer {

/// A code page that receipt printers have. 0x20..0x7E are ASCII in all of them.
struct code_page {
  std::string_view name;
  std::uint8_t escpos;   ///< n of ESC t n (Epson ESC/POS reference, "ESC t")
  std::uint8_t star;     ///< n of ESC GS t n (Star Line Mode specification, "ESC GS t")
  const char16_t* upper; ///< 128 characters, for the bytes 0x80..0xFF; 0 where there is none

  /// The byte for a character at or above U+0080, if the page has it.
  std::optional<std::uint8_t> find(char32_t character) const;
};

/// All code pages used, the one to prefer first.
std::span<const code_page> code_pages();

/// Takes one character off UTF-8 text; broken bytes come as U+FFFD, one for each byte.
char32_t take_character(std::string_view& utf8);

/// A piece of text in one code page.
struct text_run {
  const code_page* page = nullptr; ///< null: pure ASCII, any page does
  byte_vector bytes;               ///< `?` where no page has the character
};

/// Takes from `utf8` the longest beginning that one page can show, preferring `current` on a tie.
/// Control characters but "\n" are left out: they are the printer's commands, not text.
text_run take_run(std::string_view& utf8, const code_page* current);

} // namespace troupe::printer
