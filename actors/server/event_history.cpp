#include "actors/server/event_history.hpp"

#include "actors/server/bus_group.hpp"

#include <algorithm>
#include <utility>

namespace troupe::server {

namespace {

/// Events of times when nobody listened have no text yet.
const made_event& with_text(const made_event& event) {
  if (!event->json) event->json = cloud_event_of(event->content);
  return event;
}

} // namespace

void event_history::start(std::uint64_t newest) {
  newest_ = before_memory_ = newest;
  memory_.clear();
  blocks_.clear();
}

event_run event_history::add(std::vector<made_event>& fresh, bool with_texts) {
  const auto before = newest_;
  if (!fresh.empty()) newest_ = fresh.back()->content.sequence;
  auto events = std::make_shared<std::vector<event_ptr>>(fresh.begin(), fresh.end());
  for (auto& each : fresh)
    memory_.push_back(with_texts ? with_text(each) : each);
  fresh.clear();
  while (memory_.size() > bound_) {
    before_memory_ = memory_.front()->content.sequence;
    memory_.pop_front();
  }
  return {before, newest_, std::move(events)};
}

std::optional<event_run> event_history::behind(std::uint64_t number) {
  const auto begin = block_before(number);
  const auto end = begin + block_events;
  const auto known = std::find_if(blocks_.begin(), blocks_.end(),
                                  [&](const event_run& each) { return each.after == begin; });
  if (known != blocks_.end()) {
    std::rotate(known, known + 1, blocks_.end());
    return blocks_.back();
  }
  if (number < before_memory_) return std::nullopt;
  if (end > newest_ || begin < before_memory_)
    return run_in_memory(std::max(number, before_memory_), std::min(end, newest_));
  auto block = run_in_memory(begin, end);
  keep(block);
  return block;
}

event_run event_history::run_in_memory(std::uint64_t after, std::uint64_t last) const {
  auto at = std::partition_point(memory_.begin(), memory_.end(), [&](const made_event& each) {
    return each->content.sequence <= after;
  });
  auto events = std::make_shared<std::vector<event_ptr>>();
  for (; at != memory_.end() && (*at)->content.sequence <= last; ++at)
    events->push_back(with_text(*at));
  return {after, last, std::move(events)};
}

void event_history::keep(const event_run& block) {
  if (block.last < block.after + block_events) return;
  blocks_.push_back(block);
  if (blocks_.size() > blocks_kept) blocks_.pop_front();
}

} // namespace troupe::server
