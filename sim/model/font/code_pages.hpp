#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace troupe::sim {

/// A character code table as chosen by `ESC t`: what the bytes 80h to FFh mean.
struct code_page {
  std::uint8_t number;                  ///< Epson's number, the n of `ESC t n`
  std::array<char16_t, 128> characters; ///< a blank where the table has no character
};

constexpr std::size_t code_page_count = 28;
extern const std::array<code_page, code_page_count> code_pages;

/// The table with that number, or nullptr.
const code_page* find_code_page(std::uint8_t number);

/// What a byte below 80h means in one of the international character sets (`ESC R n`).
char16_t international_character(std::uint8_t set, std::uint8_t byte);

/// Highest n of `ESC R n` that is known.
constexpr std::uint8_t last_international_set = 13;

} // namespace troupe::sim
