#include "devices/printer/language.hpp"

#include "devices/printer/encode_operations.hpp"
#include "devices/printer/escpos.hpp"
#include "devices/printer/star.hpp"
#include "devices/printer/zpl.hpp"

#include <array>
#include <type_traits>
#include <utility>

namespace troupe::printer {
namespace {

constexpr std::array<std::pair<language, std::string_view>, 5> names{{
    {language::escpos, "escpos"},
    {language::escpos_column, "escpos_column"},
    {language::star, "star"},
    {language::zpl, "zpl"},
    {language::raw, "raw"},
}};

result<bool> encode_raw(const printing::document& document, byte_vector& out) {
  const auto pass_through = [&](const auto& operation) -> result<bool> {
    if constexpr (std::is_same_v<std::decay_t<decltype(operation)>, printing::raw>) {
      const auto bytes = operation.bytes.view();
      out.insert(out.end(), bytes.begin(), bytes.end());
      return true;
    } else {
      return fault{"document.needs_language", "This printer takes only documents made for it.",
                   "Set the printer's language, or send the document as raw bytes.", 422};
    }
  };
  return encode_operations(document, pass_through, out);
}

result<bool> append(language language, const printing::document& document,
                    const encode_options& options, byte_vector& out) {
  switch (language) {
  case language::escpos:
    return escpos::encode(document, escpos::picture_mode::raster, options, out);
  case language::escpos_column:
    return escpos::encode(document, escpos::picture_mode::column, options, out);
  case language::star:
    return star::encode(document, options, out);
  case language::zpl:
    return zpl::encode(document, options, out);
  case language::raw:
    return encode_raw(document, out);
  }
  return encode_raw(document, out);
}

} // namespace

std::string_view name_of(language language) {
  for (const auto& [known, name] : names)
    if (known == language) return name;
  return "raw";
}

std::optional<language> language_named(std::string_view name) {
  for (const auto& [known, known_name] : names)
    if (known_name == name) return known;
  return std::nullopt;
}

result<byte_vector> encode(language language, const printing::document& document,
                           const encode_options& options) {
  if (document.operations.empty())
    return fault{"document.empty", "There is nothing to print.", "Send at least one operation.",
                 422};
  byte_vector out;
  if (auto done = append(language, document, options, out); !done) return done.error();
  return out;
}

} // namespace troupe::printer
