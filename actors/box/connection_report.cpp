#include "actors/box/connection_report.hpp"

#include "actors/box/way_words.hpp"

#include <arpa/inet.h>
#include <cmath>
#include <cstdio>
#include <utility>

namespace troupe::box {
namespace {

constexpr std::size_t step_count = names_of(way_step{}).size();
/// Addresses named in words; a name may have dozens.
constexpr std::size_t addresses_shown = 4;

std::string listed(const std::vector<std::string>& all) {
  std::string out;
  for (std::size_t i = 0; i < all.size() && i < addresses_shown; ++i)
    out += (i == 0 ? "" : ", ") + all[i];
  if (all.size() > addresses_shown) out += " …";
  return out;
}

/// Whether an address lies in the network of one of ours; names are not looked up here.
bool is_neighbour(const network_info& network, const std::string& host) {
  unsigned char wanted[16];
  const bool ipv6 = inet_pton(AF_INET6, host.c_str(), wanted) == 1;
  if (!ipv6 && inet_pton(AF_INET, host.c_str(), wanted) != 1) return host == "localhost";
  for (const auto& interface : network.interfaces)
    for (const auto& each : interface.addresses) {
      unsigned char mine[16];
      if (each.ipv6 != ipv6 || inet_pton(ipv6 ? AF_INET6 : AF_INET, each.text.c_str(), mine) != 1)
        continue;
      int bits = 0;
      while (bits < each.prefix && !((mine[bits / 8] ^ wanted[bits / 8]) & (0x80 >> (bits % 8))))
        ++bits;
      if (bits >= each.prefix) return true;
    }
  return false;
}

} // namespace

void connection_report::start(std::string target, time now, time_point wall) {
  steps_.clear();
  for (std::size_t i = 0; i < step_count; ++i)
    steps_.push_back({static_cast<way_step>(i)});
  target_ = std::move(target);
  started_ = wall;
  running_ = true;
  begun_ = now;
  present_ = way_step::interface;
  at(present_).state = step_state::running;
}

void connection_report::plan(bool proxy, bool tls, bool by_name) {
  by_name_ = by_name;
  if (!proxy) skipped(way_step::proxy, "No proxy is used.");
  if (!tls) skipped(way_step::tls, "The server's address is not encrypted (http).");
}

void connection_report::skipped(way_step step, std::string text) {
  at(step).state = step_state::skipped;
  at(step).text = std::move(text);
}

void connection_report::good(way_step step, std::string text, time now) {
  if (!running_ || at(step).state == step_state::good) return;
  auto& done = at(step);
  done.state = step_state::good;
  done.text = std::move(text);
  done.took = std::chrono::duration_cast<std::chrono::milliseconds>(now - begun_);
  begin_next(now);
}

void connection_report::begin_next(time now) {
  begun_ = now;
  for (auto& each : steps_) {
    if (each.state == step_state::running) return; // another way has begun already
    if (each.state != step_state::waiting) continue;
    each.state = step_state::running;
    present_ = each.step;
    return;
  }
  running_ = false;
}

void connection_report::failed(way_step step, const fault& why, time now) {
  if (!running_) return;
  auto& done = at(step);
  done.state = step_state::failed;
  done.text = why.text;
  done.remedy = why.remedy;
  done.code = why.code;
  done.took = std::chrono::duration_cast<std::chrono::milliseconds>(now - begun_);
  for (auto& each : steps_)
    if (each.state == step_state::waiting || each.state == step_state::running)
      each.state = step_state::not_tried;
  present_ = step;
  running_ = false;
}

void connection_report::failed_here(const fault& why, time now) {
  failed(present_, why, now);
}

void connection_report::came(const transport::connect_step& step, time now) {
  using kind = transport::connect_step::kind;
  switch (step.what) {
  case kind::resolved:
    if (!step.to_proxy && !by_name_)
      return good(way_step::name, "The server is set by its address; no name is needed.", now);
    return good(way_step::name,
                (step.to_proxy ? "The proxy's name leads to " : "The name leads to ") +
                    listed(step.addresses) + ".",
                now);
  case kind::connected:
    return good(step.to_proxy ? way_step::proxy : way_step::tcp,
                (step.to_proxy ? "The proxy answers at " : "It answers at ") + step.remote_address +
                    ".",
                now);
  case kind::tunnelled:
    return good(way_step::tcp, "The proxy has opened the way.", now);
  case kind::secured:
    return good(way_step::tls, "The certificate is trusted, valid now and of this name.", now);
  }
}

bool connection_report::is_good() const {
  if (running_ || steps_.empty()) return false;
  for (const auto& each : steps_)
    if (each.state == step_state::failed) return false;
  return true;
}

std::size_t connection_report::done() const {
  std::size_t count = 0;
  for (const auto& each : steps_)
    count += each.state != step_state::waiting && each.state != step_state::running;
  return count;
}

result<std::string> judge_interfaces(const network_info& network) {
  std::vector<std::string> found;
  bool up = false, ipv4 = false, ipv6 = false;
  for (const auto& each : network.interfaces) {
    if (each.loopback || !each.up) continue;
    up = true;
    for (const auto& address : each.addresses) {
      if (address.link_local) continue;
      (address.ipv6 ? ipv6 : ipv4) = true;
      found.push_back(address.text + " (" + each.name + ")");
    }
  }
  if (!up)
    return fault{"network.no_interface", "No network interface is up.",
                 "Plug in the network cable, or set up the wireless network.", 503};
  if (found.empty())
    return fault{"network.no_address", "The box has no address in the network.",
                 "Look whether the network gives addresses (DHCP, or IPv6 from the router).", 503};
  return listed(found) + (ipv4 && ipv6 ? "" : ipv6 ? "; IPv6 only" : "; IPv4 only") + ".";
}

result<std::string> judge_gateway(const network_info& network, const std::string& server_host) {
  if (!network.gateway.empty()) return "The router is " + network.gateway + ".";
  if (is_neighbour(network, server_host))
    return std::string("There is no router; the server is in the same network.");
  return fault{"network.no_gateway", "The network has named no router (gateway).",
               "Look at the network's DHCP or router; without one only neighbours are reached.",
               503};
}

std::optional<result<std::string>> judge_link(const link_info& link) {
  switch (link.state) {
  case link_state::linked:
    return std::string("The box is linked.");
  case link_state::unpaired:
  case link_state::connecting:
    return std::nullopt;
  case link_state::waiting:
    if (link.code.empty()) return std::nullopt; // the server asked for a pause
    [[fallthrough]];
  case link_state::refused:
    return result<std::string>(fault{link.code, link.text, link.remedy, 503});
  }
  return std::nullopt;
}

result<std::string> judge_clock(time_point mine, time_point servers) {
  if (auto off = clock_fault(mine, servers)) return *std::move(off);
  const auto apart = std::abs(std::chrono::duration<double>(mine - servers).count());
  char text[80];
  std::snprintf(text, sizeof text, "Both clocks agree (%.1f s apart).", apart);
  return std::string(text);
}

} // namespace troupe::box
