#pragma once

#include "devices/port/port.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::test {

/// What a port told, and a loop that runs until something is so.
struct port_recorder {
  boost::asio::io_context context;
  bool opened = false;
  std::string received;
  std::vector<bool> stalled;
  std::optional<fault> closed;

  port::byte_port::events events() {
    return {[this] { opened = true; }, [this](byte_span bytes) { received += as_text(bytes); },
            [this](bool is) { stalled.push_back(is); },
            [this](fault why) { closed = std::move(why); }};
  }

  /// False when it is not so after ten seconds.
  bool until(const std::function<bool()>& so) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!so() && std::chrono::steady_clock::now() < end) {
      context.restart();
      context.run_one_for(std::chrono::milliseconds(20));
    }
    return so();
  }

  /// Runs whatever is due now.
  void settle() {
    context.restart();
    context.poll();
  }
};

/// Keeps what a `done` was told.
struct outcome {
  std::optional<result<std::size_t>> told;
  port::byte_port::done take() {
    return [this](result<std::size_t> what) { told.emplace(std::move(what)); };
  }
  bool came() const { return told.has_value(); }
  std::string code() const { return !told ? "nothing" : *told ? "" : told->error().code; }
  std::size_t count() const { return told && *told ? **told : 0; }
};

} // namespace troupe::test
