#pragma once

#include "actors/runtime/local_messages.hpp"
#include "actors/server/services.hpp"
#include "actors/server/sweep.hpp"

#include <caf/typed_actor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

/// Finds boxes in the networks that this server is on, or is told: it asks each address who it is.
namespace troupe::server {

/// How a search stands. One search at a time; the last one is kept until the next.
struct search_progress {
  bool running = false;
  std::vector<std::string> ranges;
  std::size_t asked = 0; ///< addresses, each with each port, that answered or never will
  std::size_t total = 0;
  std::vector<found_box> found; ///< each box once, though it has several addresses
  std::string nonce;            ///< that boxes are asked with
};
using search_progress_ptr = std::shared_ptr<const search_progress>;

/// Begins a search; one that runs is given up. Without ranges: the server's own private networks.
/// Faults: those of `sweep_addresses_of`, "discovery.ports" (422), "discovery.no_network" (409).
struct start_search {
  static constexpr bool local_message = true;
  std::vector<std::string> ranges;
  std::vector<std::uint16_t> ports; ///< empty: `box_port`
};
/// Ends the search; what was found stays.
struct stop_search {
  static constexpr bool local_message = true;
};
struct get_search {
  static constexpr bool local_message = true;
};
/// A person's browser, which may stand in another network, got this answer to the search's nonce
/// from there. Faults "discovery.no_box" (422), "discovery.not_private" (422).
struct browser_saw {
  static constexpr bool local_message = true;
  std::string url;
  std::string answer;
};

using box_finder_actor = caf::typed_actor<caf::replies_to<start_search>::with<search_progress_ptr>,
                                          caf::replies_to<stop_search>::with<search_progress_ptr>,
                                          caf::replies_to<get_search>::with<search_progress_ptr>,
                                          caf::replies_to<browser_saw>::with<search_progress_ptr>>;

/// Questions under way at a time: polite to a small network's router.
inline constexpr std::size_t sweep_questions = 64;
/// How long an address may take. 254 silent ones take 6 s.
inline constexpr std::chrono::milliseconds sweep_patience{1'500};
/// Boxes that one search keeps.
inline constexpr std::size_t sweep_found = 1'000;

/// Asks an address by GET; the handler is called once, on the loop's thread, not from within.
using address_asker = std::function<void(const std::string& url,
                                         std::function<void(result<transport::client_response>)>)>;
/// Sends a body by POST; likewise.
using address_teller = std::function<void(const std::string& url, std::string json,
                                          std::function<void(result<transport::client_response>)>)>;
/// By HTTP, never through a proxy.
address_asker http_asker(boost::asio::io_context& loop);
address_teller http_teller(boost::asio::io_context& loop);

struct finder_options {
  address_asker ask;
  std::function<std::vector<transport::network_interface>()> own = transport::read_interfaces;
  std::vector<std::string> ranges{}; ///< searched when nobody says others; empty: the own networks
};

box_finder_actor spawn_box_finder(caf::actor_system& system, const services& shared,
                                  finder_options options);

} // namespace troupe::server
