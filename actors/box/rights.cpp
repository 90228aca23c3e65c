#include "actors/box/rights.hpp"

#include "messages/identifiers.hpp"
#include "security/digest.hpp"
#include "transport/cors.hpp"

#include <algorithm>
#include <utility>

namespace troupe::box {
namespace {

using security::equal_in_constant_time;
using security::sha256_hex;

constexpr std::size_t route_bytes = 200;

fault invalid_origin(std::string_view text) {
  return {"origin.invalid", "\"" + std::string(text.substr(0, 100)) + "\" is not an origin.",
          "An origin is a scheme and a host, such as https://shop.example.", 422};
}

fault configured_origin(std::string_view origin) {
  return {"origin.configured", std::string(origin) + " is allowed by the box's configuration.",
          "Take it out of allow_origins in the configuration file.", 409};
}

time_point time_in(const value& entry, std::string_view name) {
  return from_rfc3339(entry.text_or(name)).value_or(time_point{});
}

} // namespace

// ---- origins ----

std::vector<std::string> origin_book::configure(const std::vector<std::string>& origins,
                                                time_point now) {
  std::vector<std::string> odd;
  for (const auto& each : origins) {
    auto origin = transport::normalized_origin(each);
    if (!origin) {
      odd.push_back(each);
      continue;
    }
    std::erase_if(asking_, [&](const asking_origin& one) { return one.origin == *origin; });
    configured_.emplace(std::move(*origin), now);
  }
  return odd;
}

void origin_book::server_is(const std::string& url, time_point since) {
  auto origin = transport::normalized_origin(url);
  if (!origin) return server_.reset();
  std::erase_if(asking_, [&](const asking_origin& each) { return each.origin == *origin; });
  server_ = known_origin{std::move(*origin), since, "server"};
}

bool origin_book::allowed(std::string_view origin) const {
  const auto known = [this](std::string_view name) {
    if (configured_.contains(name)) return true;
    const auto found = decided_.find(name);
    if (found != decided_.end()) return found->second.what == origin_decision::allow;
    return server_ && server_->origin == name;
  };
  if (origin.empty()) return false;
  if (known(origin)) return true; // browsers send the canonical form
  const auto canonical = transport::normalized_origin(origin);
  return canonical && known(*canonical);
}

bool origin_book::refused(std::string_view origin) const {
  const auto canonical = transport::normalized_origin(origin);
  if (!canonical) return false;
  const auto found = decided_.find(*canonical);
  return found != decided_.end() && found->second.what == origin_decision::refuse;
}

bool origin_book::note_asking(std::string_view origin, std::string_view route,
                              std::string_view address, time_point now) {
  const auto canonical = transport::normalized_origin(origin);
  if (!canonical || allowed(*canonical) || refused(*canonical)) return false;
  auto found = std::find_if(asking_.begin(), asking_.end(),
                            [&](const asking_origin& each) { return each.origin == *canonical; });
  const bool is_new = found == asking_.end();
  if (is_new) {
    if (asking_.size() >= asking_bound)
      asking_.erase(std::min_element(
          asking_.begin(), asking_.end(),
          [](const asking_origin& a, const asking_origin& b) { return a.last < b.last; }));
    asking_.push_back(
        {.origin = *canonical, .first = now, .last = now, .route = {}, .address = {}});
    found = asking_.end() - 1;
  }
  found->last = now;
  ++found->count;
  found->route = route.substr(0, route_bytes);
  found->address = address;
  return is_new;
}

result<std::string> origin_book::decide(std::string_view origin, origin_decision decision,
                                        time_point now) {
  auto canonical = transport::normalized_origin(origin);
  if (!canonical) return invalid_origin(origin);
  if (configured_.contains(*canonical)) {
    if (decision == origin_decision::refuse) return configured_origin(*canonical);
    return std::move(*canonical);
  }
  if (!decided_.contains(*canonical) && decided_.size() >= decided_bound)
    return fault{"origin.too_many", "This box keeps no more decisions about origins.",
                 "Forget some that are no longer needed.", 409};
  decided_.insert_or_assign(*canonical, decided{decision, now});
  std::erase_if(asking_, [&](const asking_origin& each) { return each.origin == *canonical; });
  return std::move(*canonical);
}

result<bool> origin_book::forget(std::string_view origin) {
  const auto canonical = transport::normalized_origin(origin);
  if (!canonical) return invalid_origin(origin);
  if (configured_.contains(*canonical)) return configured_origin(*canonical);
  const bool was_asking =
      std::erase_if(asking_, [&](const asking_origin& each) { return each.origin == *canonical; });
  return decided_.erase(*canonical) > 0 || was_asking;
}

std::vector<known_origin> origin_book::allowed_origins() const {
  std::vector<known_origin> list;
  for (const auto& [origin, since] : configured_)
    list.push_back({origin, since, "config"});
  for (const auto& [origin, decision] : decided_)
    if (decision.what == origin_decision::allow && !configured_.contains(origin))
      list.push_back({origin, decision.since, "owner"});
  if (server_ && !configured_.contains(server_->origin) && !decided_.contains(server_->origin))
    list.push_back(*server_);
  return list;
}

std::vector<refused_origin> origin_book::refused_origins() const {
  std::vector<refused_origin> list;
  for (const auto& [origin, decision] : decided_)
    if (decision.what == origin_decision::refuse && !configured_.contains(origin))
      list.push_back({origin, decision.since});
  return list;
}

value origin_book::kept() const {
  value::list entries;
  for (const auto& [origin, decision] : decided_)
    entries.push_back(
        value::object{{"origin", origin},
                      {"decision", decision.what == origin_decision::allow ? "allow" : "refuse"},
                      {"since", to_rfc3339(decision.since)}});
  return value::object{{"decided", std::move(entries)}};
}

void origin_book::restore(const value& kept) {
  const auto* entries = kept["decided"].as_list();
  if (entries == nullptr) return;
  for (const auto& each : *entries) {
    const auto origin = transport::normalized_origin(each.text_or("origin"));
    if (!origin || decided_.size() >= decided_bound) continue;
    // What is not plainly allowed stays closed.
    const auto what =
        each.text_or("decision") == "allow" ? origin_decision::allow : origin_decision::refuse;
    decided_.insert_or_assign(*origin, decided{what, time_in(each, "since")});
    std::erase_if(asking_, [&](const asking_origin& one) { return one.origin == *origin; });
  }
}

// ---- sessions ----

session_book::opened session_book::open(time_point now) {
  std::erase_if(sessions_, [now](const session& each) { return each.expires <= now; });
  if (sessions_.size() >= sessions_bound) sessions_.erase(sessions_.begin());
  opened out{random_hex(token_bytes), now + lifetime};
  sessions_.push_back({sha256_hex(out.token), out.expires});
  return out;
}

bool session_book::valid(std::string_view token, time_point now) const {
  if (token.size() != 2 * token_bytes) return false;
  const auto digest = sha256_hex(token);
  return std::any_of(sessions_.begin(), sessions_.end(), [&](const session& each) {
    return equal_in_constant_time(each.digest, digest) && each.expires > now;
  });
}

bool session_book::close(std::string_view token) {
  const auto digest = sha256_hex(token);
  return std::erase_if(sessions_, [&](const session& each) { return each.digest == digest; }) > 0;
}

std::size_t session_book::close_others(std::string_view token) {
  const auto digest = sha256_hex(token);
  return std::erase_if(sessions_, [&](const session& each) { return each.digest != digest; });
}

value session_book::kept() const {
  value::list entries;
  for (const auto& each : sessions_)
    entries.push_back(
        value::object{{"digest", each.digest}, {"expires", to_rfc3339(each.expires)}});
  return value::object{{"sessions", std::move(entries)}};
}

void session_book::restore(const value& kept, time_point now) {
  const auto* entries = kept["sessions"].as_list();
  if (entries == nullptr) return;
  for (const auto& each : *entries) {
    session one{each.text_or("digest"), time_in(each, "expires")};
    if (one.digest.size() == 64 && one.expires > now && sessions_.size() < sessions_bound)
      sessions_.push_back(std::move(one));
  }
}

// ---- setup code ----

setup_code_gate::answer setup_code_gate::try_code(std::string_view code, time now) {
  if (const auto left = gate_.wait({}, now); left.count() > 0) return {outcome::wait, left};
  gate_.begin({}, now);
  if (code_.empty() || !equal_in_constant_time(code, code_))
    return {outcome::wrong, gate_.wait({}, now)};
  gate_.right({});
  return {outcome::right, std::chrono::seconds{0}};
}

} // namespace troupe::box
