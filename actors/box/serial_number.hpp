#pragma once

#include "messages/identifiers.hpp"
#include "messages/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

/// The serial number of the machine: by it people and servers tell boxes apart.
namespace troupe::box {

/// What the maker of the machine wrote down, as Linux shows it below `system` ("/sys"): the serial
/// number of the device tree (Raspberry Pi), else the board's or product's of the firmware (SMBIOS
/// 3.6, tables 1 and 2), else the product's UUID. Empty when it is not there, may not be read (the
/// firmware's need root), or says nothing ("To be filled by O.E.M.").
std::string machine_serial(const std::filesystem::path& system);

/// Letters, digits and dashes, 1 to 64.
bool is_serial(std::string_view text);

/// The identifier of the box, read once before the actors start, since events carry it. The given
/// one, else the device tree's, else the one kept in `state_folder`/identifier; at the first start
/// the machine's, or a random one, is put there. Faults "box.state_folder", "box.bad_serial".
result<box_id> read_box_id(const std::filesystem::path& state_folder, const std::string& given = {},
                           const std::filesystem::path& system = "/sys");

} // namespace troupe::box
