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

/// How it came to be known.
enum class found_way : std::uint8_t { sweep, mdns, dns, browser };
constexpr auto names_of(found_way) {
  return std::array{enum_name<found_way>{found_way::sweep, "sweep"},
                    enum_name<found_way>{found_way::mdns, "mdns"},
                    enum_name<found_way>{found_way::dns, "dns"},
                    enum_name<found_way>{found_way::browser, "browser"}};
}

struct found_box {
  found_kind kind = found_kind::box;
  std::string url;   ///< of its homepage
  announcement said; ///< empty for stock Odoo boxes
  found_way way = found_way::sweep;
  bool answers = true; ///< this server reaches it; false: it is known from others only
};

/// What an answer to `announcement::path` means: a box, a forged one, or nothing of that sort.
std::optional<found_box> read_announcement(const transport::client_response& answer,
                                           std::string_view nonce, const std::string& url);
/// Where the box of a homepage says who it is, for this nonce.
std::string announcement_url(const std::string& homepage, std::string_view nonce);
/// Makes what a stranger says of itself fit to be shown.
void make_showable(announcement& said);
/// "http://192.168.1.20:8069/"; IPv6 in brackets, with its zone as RFC 6874 has it.
std::string homepage_url(const std::string& address, std::uint16_t port);
/// Puts a found box into a list that has each box (by its key) once: of two findings of one box the
/// one that this server reaches stays, and of two such the one by IPv4.
void merge_found(std::vector<found_box>& all, found_box found);
/// Whether an answer to `/hw_proxy/hello` is a stock Odoo box's.
bool is_odoo_hello(const transport::client_response& answer);

} // namespace troupe::server
