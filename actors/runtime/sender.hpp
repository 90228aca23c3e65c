#pragma once

#include <caf/actor.hpp>
#include <caf/actor_addr.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <utility>

namespace troupe::runtime {

/// A function for callbacks of sockets, ports and threads, which hands a message to the actor while
/// there is one. It holds the address only: what calls back must not keep its actor alive.
template <class Self>
auto sender_to(Self* self) {
  return [address = self->address()](auto message) {
    if (const auto actor = caf::actor_cast<caf::actor>(address))
      caf::anon_send(actor, std::move(message));
  };
}

} // namespace troupe::runtime
