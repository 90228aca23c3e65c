#include "actors/web/announcement_gate.hpp"

#include "messages/announcement.hpp"
#include "transport/query.hpp"

#include <utility>

namespace troupe::web {

result<std::string> announcement_gate::nonce_of(const transport::http_request& request,
                                                std::chrono::steady_clock::time_point now) {
  auto nonce = transport::query_value(request.query, "nonce");
  if (!nonce || !is_announcement_nonce(*nonce))
    return fault{"announcement.nonce", "A nonce is missing.",
                 "Ask with ?nonce= and 16 to 64 random letters and digits.", 400};
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  if (second != second_) asked_ = 0;
  second_ = second;
  if (++asked_ > bound_)
    return fault{"announcement.busy", "Too many ask who this " + whom_ + " is.",
                 "Ask again in a second.", 429};
  return *std::move(nonce);
}

} // namespace troupe::web
