#pragma once

#include <cstdint>

namespace troupe::box {

/// The homepage answers at this port now: only from then on there is something to announce and to
/// show. Sent by the box to who waits for it.
struct homepage_listens {
  static constexpr bool local_message = true;
  std::uint16_t port = 0;
};

} // namespace troupe::box
