#pragma once

#include "actors/box/pairing.hpp"
#include "actors/box/services.hpp"

#include <caf/typed_actor.hpp>

#include <filesystem>
#include <string>
#include <vector>

/// A connection token on a USB stick: a file by the name of `token_file_name` on it connects a box
/// that has no server. Looked for at the start and whenever something is mounted, by the kernel's
/// word: no polling.
namespace troupe::box {

inline constexpr const char* token_file_name = "troupe-token.txt";

/// What stands in the token files directly in these folders and up to two folders beneath, where
/// sticks are mounted (/media/STICK, /run/media/PERSON/STICK). No links are followed, and what is
/// no file or too long is left out. Blocks as long as the sticks are slow.
std::vector<std::string> read_token_files(const std::vector<std::filesystem::path>& folders);

/// Looks again.
struct mounts_changed {
  static constexpr bool local_message = true;
};
using token_sticks_actor = caf::typed_actor<caf::reacts_to<mounts_changed>>;

token_sticks_actor spawn_token_sticks(caf::actor_system& system, const services& shared,
                                      std::vector<std::filesystem::path> folders,
                                      pairing_actor pairing);

} // namespace troupe::box
