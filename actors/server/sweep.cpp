#include "actors/server/sweep.hpp"

#include "messages/codec.hpp"
#include "security/announcement.hpp"
#include "transport/names.hpp"

#include <boost/asio/ip/network_v4.hpp>

#include <algorithm>
#include <charconv>
#include <set>

namespace troupe::server {
namespace {

namespace ip = boost::asio::ip;

constexpr unsigned whole_address = 32; ///< bits
constexpr int widest_own_prefix = 22;

/// Of a private network no part is elsewhere: both its ends tell.
bool is_private(const ip::network_v4& which) {
  return transport::is_private_address(which.network().to_string()) &&
         transport::is_private_address(which.broadcast().to_string());
}

std::optional<ip::network_v4> network_of(const std::string& text) {
  const auto slash = text.find('/');
  boost::system::error_code problem;
  const auto address = ip::make_address_v4(text.substr(0, slash), problem);
  if (problem) return std::nullopt;
  unsigned short prefix = whole_address;
  if (slash != std::string::npos) { // by hand: make_network_v4 takes numbers that overflow
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + slash + 1, end, prefix);
    if (read.ec != std::errc() || read.ptr != end || prefix > whole_address) return std::nullopt;
  }
  return ip::network_v4(address, prefix).canonical();
}

/// What a stranger says of itself, made fit to be shown.
std::string shown(const std::string& text, std::string_view instead) {
  auto checked = transport::checked_name(text, "discovery.name");
  return checked ? *std::move(checked) : std::string(instead);
}

} // namespace

result<std::vector<std::string>> sweep_addresses_of(const std::vector<std::string>& ranges) {
  std::set<std::uint32_t> all;
  for (const auto& each : ranges) {
    const auto found = network_of(each);
    if (!found)
      return fault{"discovery.range", "\"" + each + "\" is no range of IPv4 addresses.",
                   "Write it like 192.168.1.0/24, or one address like 192.168.1.7.", 422};
    if (!is_private(*found))
      return fault{"discovery.not_private", each + " is no private network.",
                   "Only private networks are searched: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, "
                   "169.254.0.0/16.",
                   422};
    const auto count = std::uint64_t{1} << (whole_address - found->prefix_length());
    // A network's first address is its name and its last asks everybody; both are no box.
    const std::uint64_t edge = count > 2 ? 1 : 0;
    if (count > 2 * sweep_addresses || all.size() + count - 2 * edge > sweep_addresses)
      return fault{"discovery.too_many",
                   "That is more than " + std::to_string(sweep_addresses) + " addresses.",
                   "Search smaller ranges, one after the other.", 422};
    for (std::uint64_t at = edge; at < count - edge; ++at)
      all.insert(found->address().to_uint() + static_cast<std::uint32_t>(at));
  }
  std::vector<std::string> out;
  out.reserve(all.size());
  for (const auto each : all)
    out.push_back(ip::address_v4(each).to_string());
  return out;
}

std::vector<std::string>
sweep_ranges_of(const std::vector<transport::network_interface>& interfaces) {
  std::set<std::string> out;
  for (const auto& interface : interfaces)
    for (const auto& each : interface.addresses) {
      if (!interface.up || each.ipv6) continue;
      const auto address = ip::make_address_v4(each.text);
      if (address.is_loopback() || !is_private(ip::network_v4(address, whole_address))) continue;
      const auto prefix = each.prefix < widest_own_prefix ? 24 : each.prefix;
      out.insert(
          ip::network_v4(address, static_cast<unsigned short>(prefix)).canonical().to_string());
    }
  return {out.begin(), out.end()};
}

std::optional<found_box> read_announcement(const transport::client_response& answer,
                                           std::string_view nonce, const std::string& url) {
  if (answer.status != 200) return std::nullopt;
  auto said = from_json<announcement>(answer.body);
  if (!said || said->id.empty() || said->key.empty()) return std::nullopt;
  found_box out{security::is_genuine(*said, nonce) ? found_kind::box : found_kind::forged, url,
                std::move(*said)};
  make_showable(out.said);
  return out;
}

std::string announcement_url(const std::string& homepage, std::string_view nonce) {
  return homepage + std::string(announcement::path.substr(1)) + "?nonce=" + std::string(nonce);
}

void make_showable(announcement& said) {
  said.id = box_id(shown(said.id.text, "?"));
  said.name = shown(said.name, said.id.text);
  said.version = shown(said.version, "");
}

std::string homepage_url(const std::string& address, std::uint16_t port) {
  auto host = address;
  if (const auto zone = host.find('%'); zone != std::string::npos) host.insert(zone + 1, "25");
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return "http://" + host + ":" + std::to_string(port) + "/";
}

void merge_found(std::vector<found_box>& all, found_box found) {
  const auto same = std::find_if(all.begin(), all.end(), [&](const found_box& each) {
    if (each.kind != found.kind) return false;
    return found.kind == found_kind::box ? each.said.key == found.said.key : each.url == found.url;
  });
  if (same == all.end()) {
    all.push_back(std::move(found));
    return;
  }
  const auto worth = [](const found_box& each) {
    return (each.answers ? 2 : 0) + (each.url.starts_with("http://[") ? 0 : 1);
  };
  if (worth(found) > worth(*same)) *same = std::move(found);
}

bool is_odoo_hello(const transport::client_response& answer) {
  return answer.status == 200 && answer.body == "ping";
}

} // namespace troupe::server
