// links: troupe_scale
#include "devices/scale/answer.hpp"

#include <algorithm>
#include <cstdlib>

/// Any bytes, in chunks of any size, give the same readings as in one piece, and nothing that is
/// charged for without being a weight. The first byte chooses the protocol and the size of chunks.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe::scale;
  if (size < 1) return 0;
  const auto table = protocols();
  const auto& speaks = table[data[0] % table.size()];
  const std::size_t chunk = 1 + data[0] / table.size() % 7;
  const std::span<const std::uint8_t> bytes(data + 1, size - 1);
  reader whole(speaks);
  reader split(speaks);
  const auto all = whole.feed(bytes);
  std::vector<reading> parts;
  for (std::size_t at = 0; at < bytes.size(); at += chunk)
    for (auto& each : split.feed(bytes.subspan(at, std::min(chunk, bytes.size() - at))))
      parts.push_back(std::move(each));
  if (all != parts) std::abort();
  for (const auto& each : all) {
    if (each.what == outcome::weight && (!each.value || each.value->digits < 0)) std::abort();
    if (each.value && each.unit.empty()) std::abort();
    if (each.value && parse_decimal(each.value->digits < 0 ? each.value->text().substr(1)
                                                           : each.value->text()) == std::nullopt)
      std::abort();
  }
  return 0;
}
