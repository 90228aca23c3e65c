#include "sim/model/font/code_pages.hpp"
#include "sim/model/font/glyphs.hpp"

#include <algorithm>
#include <string_view>

namespace troupe::sim {

const glyph& find_glyph(char16_t code_point) {
  constexpr char16_t missing = 0x25A1;
  auto glyphs = all_glyphs();
  auto at = [&](char16_t point) {
    return std::lower_bound(glyphs.begin(), glyphs.end(), point,
                            [](const glyph& g, char16_t p) { return g.code_point < p; });
  };
  auto found = at(code_point);
  if (found == glyphs.end() || found->code_point != code_point) found = at(missing);
  return found == glyphs.end() ? glyphs.front() : *found;
}

const code_page* find_code_page(std::uint8_t number) {
  auto found = std::find_if(code_pages.begin(), code_pages.end(),
                            [&](const code_page& page) { return page.number == number; });
  return found == code_pages.end() ? nullptr : &*found;
}

char16_t international_character(std::uint8_t set, std::uint8_t byte) {
  // The twelve places that differ between countries, and what each country prints there.
  constexpr std::u16string_view places = u"#$@[\\]^`{|}~";
  constexpr std::u16string_view countries[last_international_set + 1] = {
      u"#$@[\\]^`{|}~", // 0 United States
      u"#$à°ç§^`éùè¨",  // 1 France
      u"#$§ÄÖÜ^`äöüß",  // 2 Germany
      u"£$@[\\]^`{|}~", // 3 United Kingdom
      u"#$@ÆØÅ^`æøå~",  // 4 Denmark I
      u"#¤ÉÄÖÅÜéäöåü",  // 5 Sweden
      u"#$@°\\é^ùàòèì", // 6 Italy
      u"₧$@¡Ñ¿^`¨ñ}~",  // 7 Spain I
      u"#$@[¥]^`{|}~",  // 8 Japan
      u"#¤ÉÆØÅÜéæøåü",  // 9 Norway
      u"#$ÉÆØÅÜéæøåü",  // 10 Denmark II
      u"#$á¡Ñ¿é`íñóú",  // 11 Spain II
      u"#$á¡Ñ¿éüíñóú",  // 12 Latin America
      u"#$@[₩]^`{|}~",  // 13 Korea
  };
  auto place = places.find(static_cast<char16_t>(byte));
  if (place == std::u16string_view::npos || set > last_international_set) return byte;
  return countries[set][place];
}

} // namespace troupe::sim
