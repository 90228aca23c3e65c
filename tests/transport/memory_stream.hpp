#pragma once

#include "transport/byte_stream.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <string>

namespace troupe::test {

/// A stream in memory with a loop of its own: gives what it was told in pieces, keeps what is
/// written, and breaks after a number of steps (reads and writes) when told so.
class memory_stream final : public transport::byte_stream {
public:
  struct shared {
    std::string input;           ///< what the session will read
    std::size_t piece = 1 << 20; ///< at most so much in one read
    std::string output;          ///< what the session wrote
    std::size_t write_piece = 1 << 20;
    bool end_after_input = true; ///< the client closes its side then; otherwise reads stay pending
    bool blocks = false;         ///< `write_now` takes nothing
    int steps_left = -1;         ///< -1: never breaks
    bool closed = false;
    std::deque<std::function<void()>> work;

    bool broken() {
      if (closed || steps_left == 0) return true;
      if (steps_left > 0) --steps_left;
      return false;
    }
    void run() {
      while (!work.empty()) {
        const auto next = std::move(work.front());
        work.pop_front();
        next();
      }
    }
  };

  explicit memory_stream(std::shared_ptr<shared> state) : state_(std::move(state)) {}

  void read(std::span<char> into, std::shared_ptr<transport::stream_user> user) override {
    state_->work.push_back([state = state_, into, user = std::move(user)] {
      if (state->broken()) return user->on_read(0, transport::stream_status::failed);
      if (state->input.empty()) {
        if (state->end_after_input) user->on_read(0, transport::stream_status::end);
        return;
      }
      const auto size = std::min({into.size(), state->input.size(), state->piece});
      std::copy_n(state->input.begin(), size, into.begin());
      state->input.erase(0, size);
      user->on_read(size, transport::stream_status::ok);
    });
  }
  std::size_t write_now(std::span<const byte_span> pieces) override {
    if (state_->blocks || state_->broken()) return 0;
    return take(*state_, as_text(pieces[0]));
  }
  void write(std::span<const byte_span> pieces,
             std::shared_ptr<transport::stream_user> user) override {
    state_->work.push_back([state = state_, piece = pieces[0], user = std::move(user)] {
      if (state->broken()) return user->on_written(0, transport::stream_status::failed);
      user->on_written(take(*state, as_text(piece)), transport::stream_status::ok);
    });
  }
  void later(std::shared_ptr<transport::stream_user> user) override {
    state_->work.push_back([user = std::move(user)] { user->on_turn(); });
  }
  void end_sending() override {}
  void close() override { state_->closed = true; }

private:
  static std::size_t take(shared& state, std::string_view text) {
    const auto size = std::min(text.size(), state.write_piece);
    state.output += text.substr(0, size);
    return size;
  }
  std::shared_ptr<shared> state_;
};

} // namespace troupe::test
