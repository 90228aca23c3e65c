#pragma once

#include "messages/trace.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::runtime {

/// Keeps the last finished spans of the program; the tracer actor reads them from here.
class span_ring {
public:
  static constexpr std::size_t default_capacity = 1024;

  explicit span_ring(std::size_t capacity = default_capacity);

  void record(span finished);
  struct numbered_span {
    std::uint64_t number = 0; ///< 1 for the first of this program
    span content;
  };
  /// Those after `number`, oldest first, at most `most`. A gap before the first means that older
  /// ones were overwritten.
  std::vector<numbered_span> after(std::uint64_t number, std::size_t most) const;
  std::uint64_t last_number() const;
  /// All that are still kept of one trace, oldest first.
  std::vector<span> of_trace(const trace_context& trace) const;
  /// Called (on the recording thread, briefly) after each span; an empty function ends it.
  void on_record(std::function<void(std::uint64_t number)> callback);

private:
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::vector<numbered_span> ring_; ///< grows to `capacity_`, then wraps at `number % capacity_`
  std::uint64_t last_ = 0;
  std::function<void(std::uint64_t)> callback_;
};

/// The ring of this program.
span_ring& spans();

/// A piece of work under way. Movable, so that it can wait in an actor's state for an answer;
/// recorded once, by `end` or by the destructor. A child of `parent`, or the start of a new trace
/// when there is none.
class open_span {
public:
  open_span() = default; ///< records nothing
  open_span(std::string_view name, std::string_view place,
            const trace_context& parent = current_trace(), span_ring& ring = spans());
  open_span(open_span&& other) noexcept;
  open_span& operator=(open_span&& other) noexcept;
  ~open_span() { end(); }

  const trace_context& context() const { return content_.context; }
  /// Adds "key=value" to the note; secrets do not belong here.
  void attribute(std::string_view key, std::string_view value);
  /// Marks it failed and says why.
  void fail(std::string_view text);
  void end();
  explicit operator bool() const { return ring_ != nullptr; }

private:
  span content_;
  std::chrono::steady_clock::time_point started_{};
  span_ring* ring_ = nullptr;
};

/// An open span whose context is current on this thread while it lives.
class span_scope {
public:
  span_scope(std::string_view name, std::string_view place,
             const trace_context& parent = current_trace(), span_ring& ring = spans())
      : span_(name, place, parent, ring), current_(span_.context()) {}

  open_span* operator->() { return &span_; }
  const trace_context& context() const { return span_.context(); }

private:
  open_span span_;
  trace_scope current_;
};

} // namespace troupe::runtime
