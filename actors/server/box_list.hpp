#pragma once

#include "actors/server/fleet.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Choosing, ordering and writing down boxes for the list. Pure, so that workers may do it.
namespace troupe::server {

/// Under what a box is counted: its state; "offline" when it is not linked; with an alert at least
/// "attention".
std::string_view standing_of(const fleet_box& box);
/// The standings that there are.
std::vector<std::string_view> all_standings();

enum class box_order : std::uint8_t { name, worst, last_event, newest };
constexpr auto names_of(box_order) {
  return std::array{enum_name<box_order>{box_order::name, "name"},
                    enum_name<box_order>{box_order::worst, "worst"},
                    enum_name<box_order>{box_order::last_event, "last"},
                    enum_name<box_order>{box_order::newest, "newest"}};
}

struct box_query {
  std::string text =
      {}; ///< words, all of which must stand in names, note, tags, addresses or identifiers
  std::string standing = {};      ///< empty: all
  std::string tag = {};           ///< empty: any
  std::string point_of_sale = {}; ///< its id; empty: any
  std::optional<bool> online = {};
  box_order order = box_order::name;
  box_id after = {}; ///< the last box of the page before
  std::size_t limit = 1000;
  bool summary = false; ///< without what only a box's own page shows
};

struct chosen_boxes {
  std::vector<fleet_box_ptr> boxes; ///< one page
  std::size_t total = 0;            ///< that the query fits, on all pages
  bool more = false;
  std::map<std::string_view, std::size_t> counts; ///< by standing, of those the text fits
};
/// `boxes` come by name.
chosen_boxes choose_boxes(const box_list& boxes, const box_query& query);

/// A box in short: without its note's rest, what its report says beyond version and addresses, and
/// the details of devices.
std::string summary_json(const fleet_box& box);
/// The whole answer of GET /api/v1/boxes.
std::string boxes_json(const box_list& boxes, const box_query& query, std::uint64_t sequence);

} // namespace troupe::server
