// links: troupe_messages
#include "messages/announcement.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

/// Texts as anybody in the network may send them: what is read is read the same again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < size;) {
    const std::size_t length = std::min<std::size_t>(data[at], size - at - 1);
    texts.emplace_back(reinterpret_cast<const char*>(data) + at + 1, length);
    at += 1 + length;
  }
  const auto said = troupe::from_txt(texts);
  if (!said) return 0;
  const auto again = troupe::from_txt(troupe::to_txt(*said));
  if (!again || again->name != said->name || again->id != said->id || !(again->key == said->key) ||
      again->paired != said->paired)
    std::abort();
  return 0;
}
