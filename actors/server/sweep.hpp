#pragma once

#include "messages/announcement.hpp"
#include "messages/result.hpp"
#include "transport/http_client.hpp"
#include "transport/interfaces.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// An address sweep: whom it asks, and what the answers mean. Pure.
namespace troupe::server {

/// Addresses of one sweep: a network of 20 bits' prefix, which takes some two minutes.
inline constexpr std::size_t sweep_addresses = 4096;
/// Ports that are asked at each address.
inline constexpr std::size_t sweep_ports = 4;
/// Where a box's homepage is when nobody said otherwise (Odoo's box has the same).
inline constexpr std::uint16_t box_port = 8069;

/// All addresses of the ranges ("192.168.1.0/24", "10.0.0.7"), each once, in order. Faults (422):
/// "discovery.range", "discovery.not_private", "discovery.too_many".
result<std::vector<std::string>> sweep_addresses_of(const std::vector<std::string>& ranges);

/// The private networks behind these interfaces; of one that is larger than a /22 only the /24
/// around the address.
std::vector<std::string>
sweep_ranges_of(const std::vector<transport::network_interface>& interfaces);

enum class found_kind : std::uint8_t {
  box,    ///< its announcement is signed by the key it carries
  forged, ///< it says it is a box of ours, and its signature is wrong
  odoo    ///< a stock Odoo box: it answers `/hw_proxy/hello`
};
constexpr auto names_of(found_kind) {
  return std::array{enum_name<found_kind>{found_kind::box, "box"},
                    enum_name<found_kind>{found_kind::forged, "forged"},
                    enum_name<found_kind>{found_kind::odoo, "odoo"}};
}

struct found_box {
  found_kind kind = found_kind::box;
  std::string url;   ///< of its homepage
  announcement said; ///< empty for stock Odoo boxes
};

/// What an answer to `announcement::path` means: a box, a forged one, or nothing of that sort.
std::optional<found_box> read_announcement(const transport::client_response& answer,
                                           std::string_view nonce, const std::string& url);
/// Whether an answer to `/hw_proxy/hello` is a stock Odoo box's.
bool is_odoo_hello(const transport::client_response& answer);

} // namespace troupe::server
