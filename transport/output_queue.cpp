#include "transport/output_queue.hpp"

#include <algorithm>

namespace troupe::transport {

namespace {

/// A buffer that grew beyond this for one large batch is given back.
constexpr std::size_t kept_capacity = 64 * 1024;

} // namespace

void output_queue::batch::clear() {
  if (text.capacity() > kept_capacity) std::string().swap(text);
  text.clear();
  bodies.clear();
  body_bytes = 0;
}

void output_queue::append(http_body body) {
  const auto view = body.view();
  if (view.size() <= copied_bytes) {
    back_.text += view;
    return;
  }
  back_.body_bytes += view.size();
  back_.bodies.push_back({back_.text.size(), std::move(body)});
}

std::span<const byte_span> output_queue::pieces() {
  if (front_.empty()) {
    std::swap(front_, back_);
    taken_ = 0;
  }
  pieces_.clear();
  std::size_t skip = taken_;
  const auto add = [&](std::string_view part) {
    const auto gone = std::min(skip, part.size());
    skip -= gone;
    if (part.size() > gone && pieces_.size() < pieces_per_write)
      pieces_.push_back(as_bytes(part.substr(gone)));
  };
  std::size_t position = 0;
  const std::string_view text = front_.text;
  for (const auto& entry : front_.bodies) {
    add(text.substr(position, entry.position - position));
    add(entry.body.view());
    position = entry.position;
    if (pieces_.size() == pieces_per_write) return pieces_;
  }
  add(text.substr(position));
  return pieces_;
}

void output_queue::consume(std::size_t bytes) {
  taken_ += bytes;
  if (taken_ == front_.text.size() + front_.body_bytes) {
    front_.clear();
    taken_ = 0;
  }
}

} // namespace troupe::transport
