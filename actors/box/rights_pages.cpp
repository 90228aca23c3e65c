#include "actors/box/rights_pages.hpp"

#include "messages/identifiers.hpp"
#include "security/digest.hpp"

#include <algorithm>
#include <utility>

namespace troupe::box {

result<std::string> page_session_book::open(security::page_token token, time ends, time now) {
  std::erase_if(pages_, [now](const auto& each) { return each.second.ends <= now; });
  if (pages_.size() >= bound)
    return fault{"page_token.too_many", "Too many pages use this box with tokens.",
                 "Try again in some minutes.", 503};
  auto secret = random_hex(secret_bytes);
  pages_.emplace(security::sha256_hex(secret),
                 page{std::make_shared<const security::page_token>(std::move(token)), ends});
  return secret;
}

page_rights page_session_book::find(std::string_view secret, std::string_view origin,
                                    time now) const {
  if (pages_.empty() || secret.size() != 2 * secret_bytes) return nullptr;
  const auto found = pages_.find(security::sha256_hex(secret));
  if (found == pages_.end() || found->second.ends <= now) return nullptr;
  return found->second.rights->origin == origin ? found->second.rights : nullptr;
}

page_session_book::time page_session_book::end_of(std::string_view secret) const {
  const auto found = pages_.find(security::sha256_hex(secret));
  return found != pages_.end() ? found->second.ends : time{};
}

bool page_session_book::knows(std::string_view origin, time now) const {
  return !origin.empty() && std::ranges::any_of(pages_, [&](const auto& each) {
    return each.second.ends > now && each.second.rights->origin == origin;
  });
}

std::size_t page_session_book::count(time now) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(pages_, [now](const auto& each) { return each.second.ends > now; }));
}

std::map<std::string, std::size_t> page_session_book::origins(time now) const {
  std::map<std::string, std::size_t> found;
  for (const auto& [digest, each] : pages_)
    if (each.ends > now) ++found[each.rights->origin];
  return found;
}

bool page_sees(const security::page_token& rights, std::string_view device) {
  const auto& names = rights.devices;
  return std::ranges::find(names, "*") != names.end() ||
         std::ranges::find(names, device) != names.end();
}

} // namespace troupe::box
