#include "actors/server/access.hpp"

#include "security/digest.hpp"
#include "transport/http.hpp"

#include <algorithm>
#include <utility>

namespace troupe::server {

access_book::access_book(store::everybody all) : all_(std::move(all)) {
  for (const auto& each : all_.sessions)
    if (const auto* who = person_by_id(each.person))
      grants_[each.digest] = {each.digest, who->id,      who->name,    who->may,
                              {},          each.expires, each.created, who->name};
  for (const auto& each : all_.tokens)
    if (const auto* who = person_by_id(each.person))
      grants_[each.digest] = {
          each.digest, who->id,           who->name,    std::min(who->may, each.scope),
          each.id,     time_point::max(), each.created, who->name + " (key " + each.name + ")"};
}

const grant* access_book::find(std::string_view secret, time_point now) const {
  return secret.empty() ? nullptr : find_digest(security::sha256_hex(secret), now);
}

const grant* access_book::find_digest(std::string_view digest, time_point now) const {
  const auto found = grants_.find(digest);
  if (found == grants_.end() || found->second.expires <= now) return nullptr;
  return &found->second;
}

const store::person* access_book::person_by_id(std::string_view id) const {
  const auto found = std::find_if(all_.people.begin(), all_.people.end(),
                                  [&](const auto& each) { return each.id == id; });
  return found == all_.people.end() ? nullptr : &*found;
}

const store::person* access_book::person_by_name(std::string_view name) const {
  const auto found = std::find_if(all_.people.begin(), all_.people.end(), [&](const auto& each) {
    return transport::equal_ignoring_case(each.name, name);
  });
  return found == all_.people.end() ? nullptr : &*found;
}

std::string csrf_of(std::string_view session_digest) {
  // The page cannot read its cookie (HttpOnly), others know neither; one does not give the other.
  return security::sha256_hex("csrf " + std::string(session_digest)).substr(0, 32);
}

} // namespace troupe::server
