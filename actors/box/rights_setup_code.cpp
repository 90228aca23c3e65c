#include "actors/box/rights_setup_code.hpp"

#include "messages/random.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe::box {
namespace {

bool is_code(const std::string& text) {
  return text.size() == setup_code_digits &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Every code as likely as any other.
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
    return text;
  }
}

fault not_written(const std::filesystem::path& file, int error) {
  return {"box.setup_code",
          "The setup code cannot be kept in " + file.string() + ": " + std::strerror(error) + ".",
          "Give the program a state folder that it can write to.", 500};
}

/// Written whole or not at all, readable by its owner only from the first byte on.
result<bool> write_code(const std::filesystem::path& file, const std::string& code) {
  auto temporary = file;
  temporary += ".new";
  const int to =
      ::open(temporary.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (to < 0) return not_written(file, errno);
  const auto text = code + "\n";
  const bool written = ::fchmod(to, 0600) == 0 &&
                       ::write(to, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(to) == 0;
  const int error = errno;
  ::close(to);
  if (!written) return not_written(file, error);
  if (::rename(temporary.c_str(), file.c_str()) != 0) return not_written(file, errno);
  return true;
}

} // namespace

result<std::string> read_setup_code(const std::filesystem::path& state_folder) {
  const auto file = state_folder / setup_code_file;
  std::string kept;
  if (std::ifstream in(file); in && std::getline(in, kept) && is_code(kept)) return kept;
  auto code = make_code();
  if (auto written = write_code(file, code); !written) return written.error();
  return code;
}

} // namespace troupe::box
