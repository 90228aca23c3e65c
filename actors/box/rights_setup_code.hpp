#pragma once

#include "messages/result.hpp"

#include <filesystem>
#include <string>

namespace troupe::box {

/// The file of the setup code in the state folder; only its owner can read it.
inline constexpr const char* setup_code_file = "setup-code";
inline constexpr unsigned setup_code_digits = 6;

/// The box's setup code: from the file, or made and written now. Fault "box.setup_code" when
/// neither can be.
result<std::string> read_setup_code(const std::filesystem::path& state_folder);

/// Puts another code in its place; empty: a random one. Answers the code. Faults
/// "box.bad_setup_code" (422), "box.setup_code".
result<std::string> write_setup_code(const std::filesystem::path& state_folder, std::string code);

/// As it stands in the file; empty: there is none.
std::string kept_setup_code(const std::filesystem::path& state_folder);

/// For programs beside the box: as kept_setup_code(), fault "box.no_setup_code" when there is none.
result<std::string> expect_setup_code(const std::filesystem::path& state_folder);

} // namespace troupe::box
