// links: troupe_security, troupe_messages
#include "actors/server/pairing_desk_core.cpp"
#include "security/attempt_gate.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

/// Types anything as a code: what is read is eight of our letters, reads the same again, and only
/// the code that was given finds its box.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe::server;
  const std::string_view typed(reinterpret_cast<const char*>(data), size);
  const auto code = read_code(typed);
  const auto check = [](bool holds) {
    if (!holds) std::abort();
  };
  if (code) {
    check(code->size() == code_length);
    check(code->find_first_not_of(code_letters) == std::string::npos);
    check(read_code(*code) == code);
  }
  pairing_desk_core desk([] { return std::string("BCDFGHJK"); });
  const pairing_desk_core::time now{std::chrono::hours(1)};
  check(static_cast<bool>(desk.wait("box", "i", std::chrono::hours(2), 1, now)));
  const auto taken = desk.take(typed, "Anna", "10.0.0.1", now);
  check(static_cast<bool>(taken) == (code == "BCDFGHJK"));
  return 0;
}
