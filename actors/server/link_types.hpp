#pragma once

#include "store/fleet_commands.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// Plain values that links, fleet and pairing desk hand each other. No CAF.
namespace troupe::server {

/// How a box that proved its key stands.
enum class admission : std::uint8_t {
  linked,    ///< go on; an older link of it is ended
  unknown,   ///< not of this fleet
  removed,   ///< the owner took it out: it shall forget this server
  wrong_key, ///< the identifier is known with another key
  copied     ///< another machine with this key is linked, and alive
};

/// The link shall end.
enum class link_end : std::uint8_t {
  replaced, ///< the box came again
  copied,   ///< another machine has its key, and the owner decided for that one
  removed,  ///< the owner took the box out of the fleet
  expired,  ///< its code has reached its end
  retry     ///< something could not be written: the box shall come back and say it again
};

struct code_to_show {
  static constexpr bool local_message = true;
  std::string code;
  std::chrono::seconds expires_in{};
};

using command_frames = std::vector<store::command_frame>;
using command_frames_ptr = std::shared_ptr<const command_frames>;

/// Batches of one link under way to disk; with so many nothing more is read from it.
inline constexpr std::uint32_t batches_in_flight = 4;

} // namespace troupe::server
