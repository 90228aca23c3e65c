#pragma once

#include "messages/printing.hpp"
#include "messages/result.hpp"

#include <optional>
#include <pugixml.hpp>
#include <string_view>

/// The elements inside `epos-print`, one after the other. Only epos.cpp uses this.
namespace troupe::dialects {

/// A name without its namespace's prefix.
std::string_view local_name(const pugi::xml_node& node);

/// Turns elements into operations. Attributes of text stay in force until they are changed, as in
/// the printer.
class epos_elements_reader {
public:
  /// Appends what one element prints; a fault "epos.schema" names what is not served.
  std::optional<fault> read(const pugi::xml_node& element, printing::document& out);

private:
  std::optional<fault> read_text(const pugi::xml_node& element, printing::document& out);
  std::optional<fault> read_feed(const pugi::xml_node& element, printing::document& out);
  std::optional<fault> read_image(const pugi::xml_node& element, printing::document& out);
  std::optional<fault> read_barcode(const pugi::xml_node& element, printing::document& out);
  std::optional<fault> read_symbol(const pugi::xml_node& element, printing::document& out);
  std::optional<fault> read_cut(const pugi::xml_node& element, printing::document& out);
  std::optional<fault> read_pulse(const pugi::xml_node& element, printing::document& out);
  std::optional<fault> read_command(const pugi::xml_node& element, printing::document& out);
  std::optional<fault> read_alignment(const pugi::xml_node& element);
  std::optional<fault> read_style(const pugi::xml_node& element);

  printing::text style_;
};

} // namespace troupe::dialects
