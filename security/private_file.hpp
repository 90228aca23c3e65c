#pragma once

#include "messages/result.hpp"

#include <filesystem>
#include <optional>
#include <string_view>

namespace troupe::security {

/// Writes a small file that only its owner may read (mode 0600): beside, synced, then moved into
/// place, so that it is whole or not there, also after a power cut. Fault "store.io".
std::optional<fault> write_private_file(const std::filesystem::path& file,
                                        std::string_view content);

} // namespace troupe::security
