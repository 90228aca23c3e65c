#pragma once

#include "actors/box/link_connection.hpp"
#include "messages/codec.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace troupe::box {

/// The other end of the links of a box, in memory: the test is the server. Every frame passes
/// through its wire form.
class memory_links {
public:
  struct wire {
    std::string url;
    link_callbacks callbacks;
    std::deque<link::box_frame> sent; ///< by the box, not yet looked at
    bool open = true;
    std::string farewell;
    std::size_t queued = 0; ///< what `queued_bytes` says

    void give(link::server_frame frame) {
      auto copy = from_msgpack<link::server_frame>(to_msgpack(frame));
      if (open && copy) callbacks.received(*std::move(copy));
    }
    void cut(const char* code = "link.cut", const char* text = "It was cut.") {
      if (std::exchange(open, false)) callbacks.ended({code, text, "", 503});
    }
    /// Takes the oldest frame of this type that the box sent.
    template <class Frame>
    std::optional<Frame> take() {
      const auto at = std::find_if(sent.begin(), sent.end(), [](const link::box_frame& each) {
        return std::holds_alternative<Frame>(each);
      });
      if (at == sent.end()) return std::nullopt;
      auto found = std::get<Frame>(std::move(*at));
      sent.erase(at);
      return found;
    }
  };

  std::unique_ptr<link_connection> open(const std::string& url, link_callbacks callbacks) {
    auto made = std::make_shared<wire>();
    made->url = url;
    made->callbacks = std::move(callbacks);
    wires.push_back(made);
    return std::make_unique<end>(made);
  }
  /// The newest connection; null when there was none or it is over.
  wire* present() { return wires.empty() || !wires.back()->open ? nullptr : wires.back().get(); }

  std::vector<std::shared_ptr<wire>> wires;

private:
  class end final : public link_connection {
  public:
    explicit end(std::shared_ptr<wire> to) : wire_(std::move(to)) {}
    ~end() override { wire_->open = false; }
    bool send(const link::box_frame& frame) override {
      if (!wire_->open) return false;
      auto copy = from_msgpack<link::box_frame>(to_msgpack(frame));
      if (copy) wire_->sent.push_back(*std::move(copy));
      return bool(copy);
    }
    std::size_t queued_bytes() const override { return wire_->queued; }
    void close(std::string_view reason) override {
      wire_->open = false;
      wire_->farewell = reason;
    }

  private:
    std::shared_ptr<wire> wire_;
  };
};

} // namespace troupe::box
