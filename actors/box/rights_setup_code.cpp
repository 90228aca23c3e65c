#include "actors/box/rights_setup_code.hpp"

#include "messages/random.hpp"
#include "security/private_file.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace troupe::box {
namespace {

bool is_code(const std::string& text) {
  return text.size() == setup_code_digits &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// All digits alike, or one after the other: what people try first.
bool is_weak(const std::string& code) {
  for (const int step : {0, 1, -1})
    if (std::adjacent_find(code.begin(), code.end(),
                           [step](char a, char b) { return b - a != step; }) == code.end())
      return true;
  return false;
}

/// Every code but the weak ones as likely as any other.
std::string make_code() {
  constexpr std::uint32_t codes = 1'000'000;
  constexpr std::uint32_t fair = UINT32_MAX - UINT32_MAX % codes;
  for (;;) {
    std::uint32_t number = 0;
    const auto bytes = secure_random(sizeof number);
    std::memcpy(&number, bytes.data(), sizeof number);
    if (number >= fair) continue;
    char text[setup_code_digits + 1];
    std::snprintf(text, sizeof text, "%06u", static_cast<unsigned>(number % codes));
    if (!is_weak(text)) return text;
  }
}

} // namespace

result<std::string> read_setup_code(const std::filesystem::path& state_folder) {
  const auto file = state_folder / setup_code_file;
  std::string kept;
  if (std::ifstream in(file); in && std::getline(in, kept) && is_code(kept)) return kept;
  return write_setup_code(state_folder, {});
}

result<std::string> write_setup_code(const std::filesystem::path& state_folder, std::string code) {
  if (code.empty()) code = make_code();
  if (!is_code(code) || is_weak(code))
    return fault{"box.bad_setup_code", "A setup code has six digits that are not easily guessed.",
                 "Take other digits, or let the box choose.", 422};
  const auto file = state_folder / setup_code_file;
  if (const auto problem = security::write_private_file(file, code + "\n"))
    return fault{"box.setup_code", "The setup code cannot be kept: " + problem->text,
                 "Give the program a state folder that it can write to.", 500};
  return code;
}

std::string kept_setup_code(const std::filesystem::path& state_folder) {
  std::string code;
  std::ifstream in(state_folder / setup_code_file);
  in >> code;
  return code;
}

result<std::string> expect_setup_code(const std::filesystem::path& state_folder) {
  auto code = kept_setup_code(state_folder);
  if (!code.empty()) return code;
  return fault{"box.no_setup_code", "There is no setup code in " + state_folder.string() + ".",
               "It is made when the box first starts; name its folder with --state."};
}

} // namespace troupe::box
