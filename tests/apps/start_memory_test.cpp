#include "apps/start_memory.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace troupe::apps {
namespace {

TEST(start_memory, only_code_from_files_can_be_fetched_again) {
  const auto found =
      program_code("55d0c0000000-55d0c0200000 r--p 00000000 fe:00 131 /usr/bin/troupe-box\n"
                   "55d0c0200000-55d0c0600000 r-xp 00200000 fe:00 131 /usr/bin/troupe-box\n"
                   "55d0c0600000-55d0c0640000 rw-p 00600000 fe:00 131 /usr/bin/troupe-box\n"
                   "55d0c1000000-55d0c1200000 rw-p 00000000 00:00 0   [heap]\n"
                   "7f0000000000-7f0000001000 r-xp 00000000 00:00 0 \n"
                   "7f0000002000-7f0000003000 r-xp 00000000 00:00 0   [vdso]\n"
                   "nonsense r-xp of /something\n"
                   "7f0000004000-7f0000005000 r-xp 00001000 fe:00 7   /usr/lib/a library.so");
  const std::vector<std::pair<std::uintptr_t, std::uintptr_t>> expected{
      {0x55d0c0200000, 0x55d0c0600000}, {0x7f0000004000, 0x7f0000005000}};
  EXPECT_EQ(found, expected);
  EXPECT_TRUE(program_code("").empty());
}

TEST(start_memory, this_program_is_found) {
  std::ifstream file("/proc/self/maps");
  const std::string maps(std::istreambuf_iterator<char>(file), {});
  const auto here = reinterpret_cast<std::uintptr_t>(&program_code);
  bool found = false;
  for (const auto& [first, last] : program_code(maps))
    found = found || (first <= here && here < last);
  EXPECT_TRUE(found);
}

} // namespace
} // namespace troupe::apps
