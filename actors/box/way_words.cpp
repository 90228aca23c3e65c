#include "actors/box/way_words.hpp"

#include "messages/codec.hpp"
#include "security/announcement.hpp"
#include "transport/http.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>

namespace troupe::box {
namespace {

bool says(std::string_view type, std::string_view wanted) {
  return transport::equal_ignoring_case(type.substr(0, wanted.size()), wanted);
}

bool is_redirect(std::uint16_t status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// "2026-03-01 12:04", as people read it.
std::string shown(time_point at) {
  auto text = to_rfc3339(std::chrono::floor<std::chrono::minutes>(at)).substr(0, 16);
  if (text.size() == 16) text[10] = ' ';
  return text + " (UTC)";
}

} // namespace

answer_kind kind_of_answer(const transport::client_response& answer, const transport::url& asked) {
  if (answer.status == 511) return answer_kind::portal;
  if (is_redirect(answer.status)) {
    const auto to = transport::resolve_url(asked, answer.header("location"));
    if (!to || to->host != asked.host) return answer_kind::portal;
    return to->secure() && !asked.secure() ? answer_kind::moved : answer_kind::other;
  }
  const auto type = answer.header("content-type");
  if (says(type, "application/json") || says(type, "application/problem+json"))
    return answer_kind::troupe;
  if (answer.status == 200 && says(type, "text/html")) return answer_kind::portal;
  return answer_kind::other;
}

fault captive_portal(std::string_view detail) {
  return {"link.captive_portal",
          "This network wants a log-in page first (captive portal): " + std::string(detail) + ".",
          "Log in to the network, or have its owner let the box through. If there is no such page, "
          "look at the server's address.",
          502};
}

std::optional<fault> fault_of_answer(const transport::client_response& answer,
                                     const transport::url& asked) {
  const auto at = asked.origin();
  switch (kind_of_answer(answer, asked)) {
  case answer_kind::troupe:
    return std::nullopt;
  case answer_kind::portal: {
    if (!is_redirect(answer.status))
      return captive_portal("a web page answers in place of the server at " + at);
    const auto to = transport::resolve_url(asked, answer.header("location"));
    return captive_portal("it sends to " + (to ? to->origin() : "another place"));
  }
  case answer_kind::moved:
    return fault{"link.moved", "The server at " + at + " is reached by https only.",
                 "Set its address anew, with https:// before it.", 502};
  case answer_kind::other:
    break;
  }
  return fault{"link.no_server",
               "What answers at " + at + " is no Troupe server (status " +
                   std::to_string(answer.status) + ").",
               "Look at the server's address and port.", 502};
}

bool remedy_helps(const fault& why) {
  if (why.remedy.empty()) return false;
  return why.code == "link.captive_portal" || why.code == "link.moved" ||
         why.code == "link.no_server" || why.code == "link.clock" ||
         why.code.starts_with("transport.proxy") || why.code.starts_with("transport.tls");
}

std::optional<time_point> date_of(std::string_view field) {
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string text(field); // "Sun, 06 Nov 1994 08:49:37 GMT"
  char month[4] = "";
  int day = 0, year = 0, hour = 0, minute = 0, second = 0;
  if (text.size() != 29 || std::sscanf(text.c_str() + 5, "%2d %3s %4d %2d:%2d:%2d", &day, month,
                                       &year, &hour, &minute, &second) != 6)
    return std::nullopt;
  for (unsigned i = 0; i < months.size(); ++i) {
    if (std::string_view(month) != months[i]) continue;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(i + 1),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return std::nullopt;
    return time_point(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
           std::chrono::minutes(minute) + std::chrono::seconds(second);
  }
  return std::nullopt;
}

bool clock_was_never_set(time_point now) {
  return now < time_point(std::chrono::sys_days(std::chrono::year(earliest_year) / 1 / 1));
}

std::optional<fault> clock_fault(time_point mine, time_point servers) {
  if (servers == time_point{}) return std::nullopt;
  const auto off = mine > servers ? mine - servers : servers - mine;
  if (off <= clock_tolerance) return std::nullopt;
  return fault{"link.clock",
               "The box's clock says " + shown(mine) + "; the server's says " + shown(servers) +
                   ".",
               "Set the box's clock (NTP does it by itself where the network lets it), and look at "
               "the server's.",
               502};
}

fault date_fault(const fault& of_tls, time_point mine, std::optional<time_point> servers) {
  if (servers)
    if (auto clock = clock_fault(mine, *servers)) return *std::move(clock);
  if (!servers && clock_was_never_set(mine))
    return {"link.clock", "The box's clock says " + shown(mine) + ": it was never set.",
            "Set the box's clock (NTP does it by itself where the network lets it).", 502};
  return of_tls;
}

result<server_announcement> read_announcement(const transport::client_response& answer,
                                              const transport::url& asked, std::string_view nonce) {
  if (auto problem = fault_of_answer(answer, asked)) return *std::move(problem);
  if (answer.status != 200)
    return fault{"link.unproven",
                 "The server at " + asked.origin() + " does not say who it is (status " +
                     std::to_string(answer.status) + ").",
                 "It may be too old or too busy: update it, or try again.", 502};
  auto said = from_json<server_announcement>(answer.body);
  if (!said || said->id.empty())
    return fault{"link.no_server", "What answers at " + asked.origin() + " is no Troupe server.",
                 "Look at the server's address and port.", 502};
  if (!security::is_genuine(*said, nonce))
    return fault{"link.wrong_server",
                 "What answers at " + asked.origin() + " could not prove that it is " +
                     (said->name.empty() ? said->id : said->name) + ".",
                 "Look at the server's address; something may stand between box and server.", 502};
  return *std::move(said);
}

} // namespace troupe::box
