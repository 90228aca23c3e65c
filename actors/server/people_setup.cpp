#include "actors/server/people.hpp"
#include "messages/identifiers.hpp"
#include "security/private_file.hpp"

#include <algorithm>
#include <fstream>

namespace troupe::server {
namespace {

constexpr std::size_t token_bytes = 24;

// Not inlined: g++ 12 raises a false alarm over moved texts of known length.
[[gnu::noinline]] bool is_token(const std::string& text) {
  return text.size() == 2 * token_bytes && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

} // namespace

result<std::string> read_setup_link(const std::filesystem::path& state_folder) {
  const auto file = state_folder / setup_link_file;
  std::string kept;
  if (std::ifstream in(file); in && std::getline(in, kept) && is_token(kept)) return kept;
  auto token = random_hex(token_bytes);
  auto line = token;
  line += '\n';
  if (auto problem = security::write_private_file(file, line)) {
    problem->code = "server.setup_link";
    return *problem;
  }
  return token;
}

std::optional<fault> password_fault(std::string_view password) {
  static_assert(shortest_password == 10 && longest_password == 256);
  if (characters_in(password) < shortest_password)
    return fault{"people.bad_password", "A password has at least 10 characters.",
                 "Choose a longer one: a few words that belong to no sentence are good.", 422};
  if (password.size() > longest_password)
    return fault{"people.bad_password", "A password has at most 256 bytes.",
                 "Choose a shorter one.", 422};
  return std::nullopt;
}

} // namespace troupe::server
