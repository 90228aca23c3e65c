#include "actors/runtime/spans.hpp"

#include <algorithm>

namespace troupe::runtime {

span_ring::span_ring(std::size_t capacity) : capacity_(std::max<std::size_t>(1, capacity)) {}

void span_ring::record(span finished) {
  std::uint64_t number = 0;
  std::function<void(std::uint64_t)> callback;
  {
    const std::lock_guard lock(mutex_);
    number = ++last_;
    const auto place = (number - 1) % capacity_;
    if (place == ring_.size())
      ring_.push_back({number, std::move(finished)});
    else
      ring_[place] = {number, std::move(finished)};
    callback = callback_;
  }
  if (callback) callback(number);
}

std::vector<span_ring::numbered_span> span_ring::after(std::uint64_t number,
                                                       std::size_t most) const {
  const std::lock_guard lock(mutex_);
  const auto oldest = last_ - ring_.size() + 1;
  std::vector<numbered_span> out;
  for (auto at = std::max(number + 1, oldest); at <= last_ && out.size() < most; ++at)
    out.push_back(ring_[(at - 1) % capacity_]);
  return out;
}

std::uint64_t span_ring::last_number() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

std::vector<span> span_ring::of_trace(const trace_context& trace) const {
  const std::lock_guard lock(mutex_);
  std::vector<span> out;
  for (auto at = last_ - ring_.size() + 1; at <= last_; ++at) {
    const auto& each = ring_[(at - 1) % capacity_].content;
    if (each.context.trace == trace.trace) out.push_back(each);
  }
  return out;
}

void span_ring::on_record(std::function<void(std::uint64_t)> callback) {
  const std::lock_guard lock(mutex_);
  callback_ = std::move(callback);
}

span_ring& spans() {
  static auto& ring = *new span_ring;
  return ring;
}

open_span::open_span(std::string_view name, std::string_view place, const trace_context& parent,
                     span_ring& ring)
    : started_(std::chrono::steady_clock::now()), ring_(&ring) {
  content_.context = parent.valid() ? child_of(parent) : new_trace();
  content_.parent = parent.span;
  content_.name = name;
  content_.place = place;
  content_.start =
      std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

open_span::open_span(open_span&& other) noexcept
    : content_(std::move(other.content_)), started_(other.started_),
      ring_(std::exchange(other.ring_, nullptr)) {}

open_span& open_span::operator=(open_span&& other) noexcept {
  if (this == &other) return *this;
  end();
  content_ = std::move(other.content_);
  started_ = other.started_;
  ring_ = std::exchange(other.ring_, nullptr);
  return *this;
}

void open_span::attribute(std::string_view key, std::string_view value) {
  if (!content_.note.empty()) content_.note += ' ';
  content_.note.append(key).append("=").append(value);
}

void open_span::fail(std::string_view text) {
  content_.failed = true;
  attribute("error", text);
}

void open_span::end() {
  auto* const ring = std::exchange(ring_, nullptr);
  if (ring == nullptr) return;
  content_.duration = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - started_);
  ring->record(std::move(content_));
}

} // namespace troupe::runtime
