#pragma once

#include "messages/result.hpp"
#include "messages/server_announcement.hpp"
#include "messages/time.hpp"
#include "transport/http_client.hpp"
#include "transport/url.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

/// What stands between a box and its server, in words: log-in pages of networks, other programs at
/// the server's address, clocks that are wrong. Pure.
namespace troupe::box {

/// What an answer at the server's address means, when a Troupe server was expected there.
/// A log-in page of the network (captive portal) answers in everybody's place: it sends to another
/// host, says 511 (RFC 6585), or gives a page where a server would give JSON.
enum class answer_kind : std::uint8_t {
  troupe, ///< JSON, as a server's answers are
  portal, ///< a log-in page of the network
  moved,  ///< the same host by https
  other   ///< some other program
};
answer_kind kind_of_answer(const transport::client_response& answer, const transport::url& asked);

/// Faults "link.captive_portal", "link.moved", "link.no_server"; nothing for what a Troupe server
/// may have said.
std::optional<fault> fault_of_answer(const transport::client_response& answer,
                                     const transport::url& asked);
fault captive_portal(std::string_view detail);

/// Whether a fault of an attempt says what a person can do, beyond waiting.
bool remedy_helps(const fault& why);

/// The time in a `Date` field (RFC 9110, the one form that servers send).
std::optional<time_point> date_of(std::string_view field);

/// A box whose clock is off by more than this says so.
inline constexpr std::chrono::minutes clock_tolerance{5};
/// No box of this version ran before: a clock that shows less was never set.
inline constexpr std::int64_t earliest_year = 2025;
bool clock_was_never_set(time_point now);
/// "link.clock": what both clocks say, and what to do. Nothing when they agree.
std::optional<fault> clock_fault(time_point mine, time_point servers);
/// What a certificate that is not valid by this box's clock means, when `servers` is the time that
/// its owner gives without proof: the clock, or the certificate itself.
fault date_fault(const fault& of_tls, time_point mine, std::optional<time_point> servers);

/// The answer to a question for `server_announcement` with this nonce: what the server proved about
/// itself. Faults those of `fault_of_answer`, "link.unproven" (a server too old to say who it is),
/// "link.wrong_server" (its proof is no proof).
result<server_announcement> read_announcement(const transport::client_response& answer,
                                              const transport::url& asked, std::string_view nonce);

} // namespace troupe::box
