#include "actors/box/homepage_state.hpp"
#include "messages/codec.hpp"
#include "security/announcement.hpp"
#include "transport/query.hpp"

namespace troupe::box {

/// One asks once for each box it finds; more in a second is no search.
constexpr std::uint64_t announcements_a_second = 50;

void get_announcement(homepage_state& home, const call_ptr& request) {
  auto nonce = transport::query_value(request->request().query, "nonce");
  if (!nonce || !is_announcement_nonce(*nonce))
    return request->refuse({"announcement.nonce", "A nonce is missing.",
                            "Ask with ?nonce= and 16 to 64 random letters and digits.", 400});
  const auto second = std::chrono::floor<std::chrono::seconds>(runtime::now(home.self));
  if (second != home.announced_in) home.announced = 0;
  home.announced_in = second;
  if (++home.announced > announcements_a_second)
    return request->refuse(
        {"announcement.busy", "Too many ask who this box is.", "Ask again in a second.", 429});
  home.ask(request, home.neighbours.pairing, get_pairing{},
           [&home, request, nonce = std::move(*nonce)](const pairing_info& info) {
             announcement told;
             told.id = home.neighbours.id;
             told.name = home.identity.name;
             told.version = home.shared->version;
             told.paired = info.server != nullptr;
             told.nonce = nonce;
             security::sign(told, home.options.key);
             request->answer(transport::json_response(to_json(told)));
           });
}

} // namespace troupe::box
