#include "apps/start_memory.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <iterator>
#include <malloc.h>
#include <memory>
#include <string>
#include <sys/mman.h>

namespace troupe::apps {

namespace {

constexpr std::chrono::seconds start_takes{5};

void give_back_now() {
  std::ifstream file("/proc/self/maps");
  const std::string maps(std::istreambuf_iterator<char>(file), {});
  for (const auto& [first, last] : program_code(maps))
    ::madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
  ::malloc_trim(0);
}

} // namespace

std::vector<std::pair<std::uintptr_t, std::uintptr_t>> program_code(std::string_view maps) {
  std::vector<std::pair<std::uintptr_t, std::uintptr_t>> out;
  while (!maps.empty()) {
    const auto line = maps.substr(0, maps.find('\n'));
    maps.remove_prefix(std::min(maps.size(), line.size() + 1));
    // "first-last r-xp offset device inode   /path"
    if (line.find(" r-xp ") == std::string_view::npos || line.find(" /") == std::string_view::npos)
      continue;
    std::uintptr_t first = 0, last = 0;
    const auto* end = line.data() + line.size();
    const auto dash = std::from_chars(line.data(), end, first, 16);
    if (dash.ec != std::errc() || dash.ptr == end || *dash.ptr != '-') continue;
    if (std::from_chars(dash.ptr + 1, end, last, 16).ec == std::errc() && first < last)
      out.emplace_back(first, last);
  }
  return out;
}

void give_back_start_memory(boost::asio::io_context& loop) {
  const auto timer = std::make_shared<boost::asio::steady_timer>(loop, start_takes);
  timer->async_wait([timer](const auto& problem) {
    if (!problem) give_back_now();
  });
}

} // namespace troupe::apps
