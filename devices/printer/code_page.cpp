#include "devices/printer/code_page.hpp"

#include "devices/printer/code_page_tables.hpp"

#include <algorithm>
#include <array>

namespace troupe::printer {
namespace {

using namespace code_page_tables;

constexpr std::array<code_page, 13> pages{{
    {"PC437", 0, 1, pc437},
    {"PC858", 19, 4, pc858},
    {"WPC1252", 16, 32, wpc1252},
    {"PC850", 2, 4, pc850},
    {"PC852", 18, 5, pc852},
    {"PC866", 17, 10, pc866},
    {"PC737", 14, 15, pc737},
    {"PC857", 13, 12, pc857},
    {"PC860", 3, 6, pc860},
    {"PC863", 4, 8, pc863},
    {"PC865", 5, 9, pc865},
    {"WPC1250", 45, 33, wpc1250},
    {"WPC1251", 46, 34, wpc1251},
}};

constexpr char32_t replacement = 0xFFFD;

bool shown(char32_t character) {
  return character >= 0x20 || character == U'\n';
}
bool control(char32_t character) {
  return character == 0x7F || (character >= 0x80 && character < 0xA0);
}

/// Characters that no old code page has, but that have a plain twin.
char32_t plain_twin(char32_t character) {
  switch (character) {
  case 0x00A0:
  case 0x2007:
  case 0x2009:
  case 0x202F:
    return U' ';
  case 0x2010:
  case 0x2011:
  case 0x2012:
  case 0x2013:
  case 0x2014:
  case 0x2212:
    return U'-';
  case 0x2018:
  case 0x2019:
  case 0x201A:
    return U'\'';
  case 0x201C:
  case 0x201D:
  case 0x201E:
    return U'"';
  case 0x2022:
    return U'*';
  case 0x2026:
    return U'.';
  default:
    return character;
  }
}

/// How many characters from here on the page can show before the first that only another can.
std::size_t reach(std::string_view utf8, const code_page& page) {
  std::size_t characters = 0;
  while (!utf8.empty()) {
    const char32_t character = take_character(utf8);
    if (character >= 0x80 && !page.find(character) && plain_twin(character) >= 0x80) {
      const bool elsewhere = std::ranges::any_of(
          pages, [&](const code_page& other) { return other.find(character).has_value(); });
      if (elsewhere) return characters;
    }
    ++characters;
  }
  return characters;
}

const code_page* best_page(std::string_view utf8, const code_page* current) {
  if (std::ranges::all_of(utf8, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
    return nullptr;
  const code_page* best = current != nullptr ? current : &pages.front();
  std::size_t best_reach = reach(utf8, *best);
  for (const auto& page : pages) {
    const auto reached = reach(utf8, page);
    if (reached > best_reach) {
      best = &page;
      best_reach = reached;
    }
  }
  return best;
}

} // namespace

std::span<const code_page> code_pages() {
  return pages;
}

std::optional<std::uint8_t> code_page::find(char32_t character) const {
  const auto* end = upper + 128;
  const auto* found = character == 0 ? end : std::find(upper, end, character);
  if (found == end) return std::nullopt;
  return static_cast<std::uint8_t>(0x80 + (found - upper));
}

char32_t take_character(std::string_view& utf8) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return static_cast<unsigned char>(utf8[i]);
  };
  const auto first = byte(0);
  std::size_t length = first < 0x80           ? 1
                       : (first >> 5) == 0x06 ? 2
                       : (first >> 4) == 0x0E ? 3
                       : (first >> 3) == 0x1E ? 4
                                              : 0;
  char32_t character = length == 1 ? first : first & (0x7FU >> length);
  bool whole = length != 0 && length <= utf8.size();
  for (std::size_t i = 1; whole && i < length; ++i) {
    whole = (byte(i) >> 6) == 0x02;
    character = character << 6 | (byte(i) & 0x3F);
  }
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  if (!whole || character < least[length] || character > 0x10FFFF ||
      (character >= 0xD800 && character < 0xE000)) {
    utf8.remove_prefix(1);
    return replacement;
  }
  utf8.remove_prefix(length);
  return character;
}

text_run take_run(std::string_view& utf8, const code_page* current) {
  text_run run;
  run.page = best_page(utf8, current);
  std::size_t left = run.page != nullptr ? reach(utf8, *run.page) : utf8.size();
  run.bytes.reserve(left);
  for (; left > 0 && !utf8.empty(); --left) {
    char32_t character = take_character(utf8);
    if (!shown(character) || control(character)) continue;
    if (character >= 0x80) {
      if (const auto found = run.page->find(character)) {
        run.bytes.push_back(*found);
        continue;
      }
      character = plain_twin(character);
    }
    run.bytes.push_back(character < 0x80 ? static_cast<std::uint8_t>(character) : '?');
  }
  return run;
}

} // namespace troupe::printer
