#include "security/attempt_gate.hpp"

#include <algorithm>

namespace troupe::security {

std::chrono::seconds attempt_gate::wait(std::string_view key, time now) const {
  const auto found = tries_.find(key);
  if (found == tries_.end() || now >= found->second.next) return std::chrono::seconds{0};
  return std::chrono::ceil<std::chrono::seconds>(found->second.next - now);
}

void attempt_gate::begin(std::string_view key, time now) {
  auto found = tries_.find(key);
  if (found == tries_.end()) {
    make_room(now);
    found = tries_.emplace(std::string(key), tried{}).first;
  }
  auto& mine = found->second;
  if (now - mine.last > rules_.forgotten_after) mine = {};
  mine.last = now;
  ++mine.wrong;
  if (mine.wrong < rules_.free_tries) return;
  constexpr unsigned most_doublings = 20; // a week, above any longest wait
  const auto doublings = std::min(mine.wrong - rules_.free_tries, most_doublings);
  mine.next = now + std::min(rules_.longest_wait, rules_.first_wait * (1u << doublings));
}

void attempt_gate::right(std::string_view key) {
  if (const auto found = tries_.find(key); found != tries_.end()) tries_.erase(found);
}

void attempt_gate::take_back(std::string_view key) {
  const auto found = tries_.find(key);
  if (found == tries_.end()) return;
  found->second.next = {};
  if (--found->second.wrong == 0) tries_.erase(found);
}

void attempt_gate::make_room(time now) {
  if (tries_.size() < rules_.keys) return;
  std::erase_if(tries_,
                [&](const auto& each) { return now - each.second.last > rules_.forgotten_after; });
  if (tries_.size() < rules_.keys) return;
  tries_.erase(std::min_element(tries_.begin(), tries_.end(), [](const auto& a, const auto& b) {
    return a.second.last < b.second.last;
  }));
}

} // namespace troupe::security
