#include "actors/server/sweep.hpp"

#include "messages/codec.hpp"
#include "security/announcement.hpp"
#include "transport/names.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <set>

namespace troupe::server {
namespace {

struct network {
  std::uint32_t first = 0;
  unsigned prefix = 32;
};

/// Private (RFC 1918), link-local (RFC 3927) and this machine itself.
constexpr network private_networks[] = {
    {0x0A000000, 8}, {0xAC100000, 12}, {0xC0A80000, 16}, {0xA9FE0000, 16}, {0x7F000000, 8}};

constexpr unsigned widest_own_prefix = 22;

constexpr std::uint32_t mask_of(unsigned prefix) {
  return prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix);
}

bool is_private(const network& which) {
  return std::any_of(
      std::begin(private_networks), std::end(private_networks), [&](const network& each) {
        return which.prefix >= each.prefix && (which.first & mask_of(each.prefix)) == each.first;
      });
}

std::optional<std::uint32_t> address_of(const std::string& text) {
  in_addr out{};
  if (::inet_pton(AF_INET, text.c_str(), &out) != 1) return std::nullopt;
  return ntohl(out.s_addr);
}

std::string text_of(std::uint32_t address) {
  char text[INET_ADDRSTRLEN] = {};
  const in_addr in{htonl(address)};
  ::inet_ntop(AF_INET, &in, text, sizeof text);
  return text;
}

std::optional<network> network_of(const std::string& text) {
  const auto slash = text.find('/');
  const auto address = address_of(text.substr(0, slash));
  if (!address) return std::nullopt;
  network out{*address, 32};
  if (slash != std::string::npos) {
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + slash + 1, end, out.prefix);
    if (read.ec != std::errc() || read.ptr != end || out.prefix > 32) return std::nullopt;
    out.first &= mask_of(out.prefix);
  }
  return out;
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
    const auto count = std::uint64_t{1} << (32 - found->prefix);
    // A network's first address is its name and its last asks everybody; both are no box.
    const std::uint64_t edge = found->prefix < 31 ? 1 : 0;
    if (count > 2 * sweep_addresses || all.size() + count - 2 * edge > sweep_addresses)
      return fault{"discovery.too_many",
                   "That is more than " + std::to_string(sweep_addresses) + " addresses.",
                   "Search smaller ranges, one after the other.", 422};
    for (std::uint64_t at = edge; at < count - edge; ++at)
      all.insert(found->first + static_cast<std::uint32_t>(at));
  }
  std::vector<std::string> out;
  out.reserve(all.size());
  for (const auto each : all)
    out.push_back(text_of(each));
  return out;
}

std::vector<std::string> sweep_ranges_of(const std::vector<own_address>& own) {
  std::set<std::string> out;
  for (const auto& each : own) {
    const auto address = address_of(each.text);
    if (!address || !is_private({*address, 32}) || (*address >> 24) == 127) continue;
    const auto prefix = each.prefix < widest_own_prefix ? 24 : std::min(each.prefix, 32U);
    out.insert(text_of(*address & mask_of(prefix)) + "/" + std::to_string(prefix));
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
  out.said.id = box_id(shown(out.said.id.text, "?"));
  out.said.name = shown(out.said.name, out.said.id.text);
  out.said.version = shown(out.said.version, "");
  return out;
}

bool is_odoo_hello(const transport::client_response& answer) {
  return answer.status == 200 && answer.body == "ping";
}

} // namespace troupe::server
