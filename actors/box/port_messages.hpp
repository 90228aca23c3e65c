#pragma once

#include "actors/box/ledger.hpp"
#include "messages/bytes.hpp"
#include "messages/result.hpp"

#include <cstdint>
#include <optional>

/// What ports and ledgers tell the actors of devices, as messages of their own.
namespace troupe::box {

// What the port tells, brought into the actor. `connection` tells a port from the one before it.
struct port_opened {
  static constexpr bool local_message = true;
  std::uint64_t connection = 0;
};
struct port_closed {
  static constexpr bool local_message = true;
  std::uint64_t connection = 0;
  fault reason;
};
struct port_received {
  static constexpr bool local_message = true;
  std::uint64_t connection = 0;
  byte_vector bytes;
};
struct port_written {
  static constexpr bool local_message = true;
  std::uint64_t connection = 0;
  std::optional<fault> problem;
};
struct port_job_ended {
  static constexpr bool local_message = true;
  std::uint64_t connection = 0;
  std::optional<fault> problem;
};
struct port_stalled {
  static constexpr bool local_message = true;
  std::uint64_t connection = 0;
  bool yes = false;
};
struct finish_again {
  static constexpr bool local_message = true;
  finish_action wanted;
};

} // namespace troupe::box
