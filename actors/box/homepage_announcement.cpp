#include "actors/box/homepage_state.hpp"
#include "messages/codec.hpp"
#include "security/announcement.hpp"

namespace troupe::box {

void get_announcement(homepage_state& home, const call_ptr& request) {
  auto nonce = home.announcements.nonce_of(request->request(), runtime::now(home.self));
  if (!nonce) return request->refuse(nonce.error());
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
