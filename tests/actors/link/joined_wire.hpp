#pragma once

#include "actors/box/link_connection.hpp"
#include "messages/codec.hpp"
#include "transport/websocket.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <utility>

/// A link whose ends are the real box and the real server; the test carries the frames, so that it
/// may lose any of them.
namespace troupe::link {

class joined_wire : public std::enable_shared_from_this<joined_wire> {
public:
  /// The server's end.
  class socket final : public transport::websocket_session {
  public:
    explicit socket(joined_wire& wire) : wire_(wire) {}
    void handle(callbacks handlers) override { handlers_ = std::move(handlers); }
    bool send_text(transport::outgoing_message) override { return false; }
    bool send_binary(transport::outgoing_message message) override {
      if (!open_) return false;
      wire_.down_.emplace_back(message.bytes.begin(), message.bytes.end());
      return true;
    }
    void close(std::uint16_t code, std::string_view) override { end(code); }
    void probe(std::chrono::milliseconds) override {}
    void cut() override {
      wire_.down_.clear();
      end(1006);
    }
    void pause_reading() override { paused_ = true; }
    void resume_reading() override { paused_ = false; }
    bool is_open() const override { return open_; }
    std::size_t queued_bytes() const override { return 0; }
    std::string_view subprotocol() const override { return link::subprotocol; }
    std::string_view remote_address() const override { return "192.0.2.1"; }

  private:
    friend joined_wire;
    void end(std::uint16_t code) {
      if (!std::exchange(open_, false)) return;
      if (const auto told = std::exchange(handlers_, {}).on_close) told(code, {});
    }

    joined_wire& wire_;
    callbacks handlers_;
    bool open_ = true;
    bool paused_ = false;
  };

  explicit joined_wire(box::link_callbacks to_box) : to_box_(std::move(to_box)) {}

  transport::websocket_ptr server_end() { return {shared_from_this(), &socket_}; }
  std::unique_ptr<box::link_connection> box_end() {
    return std::make_unique<end>(shared_from_this());
  }

  /// Carries one frame of the box, or the news that it hung up; false: there is nothing.
  bool carry_up() {
    if (!socket_.open_ || socket_.paused_) return false;
    if (up_.empty()) {
      if (box_open_ || silent_) return false;
      socket_.end(1005);
      return true;
    }
    const auto bytes = std::move(up_.front());
    up_.pop_front();
    if (const auto take = socket_.handlers_.on_message) take(bytes, false);
    return true;
  }
  /// Likewise from the server.
  bool carry_down() {
    if (!box_open_) return false;
    if (down_.empty()) {
      if (socket_.open_) return false;
      end_box();
      return true;
    }
    auto frame = from_msgpack<server_frame>(down_.front());
    EXPECT_TRUE(frame) << frame.error().text;
    down_.pop_front();
    if (frame) to_box_.received(*std::move(frame));
    return true;
  }
  /// What is under way is lost; both ends notice.
  void cut() {
    up_.clear();
    down_.clear();
    end_box();
    socket_.end(1006);
  }
  /// What is under way is lost; the server does not notice.
  void cut_silently() {
    silent_ = true;
    up_.clear();
    end_box();
  }
  /// The server is gone from one moment to the next: it does not even learn that.
  void lose_server() {
    socket_.open_ = false;
    socket_.handlers_ = {};
    down_.clear();
    end_box();
  }
  bool box_is_on() const { return box_open_; }
  bool both_are_on() const { return box_open_ && socket_.open_; }

private:
  class end final : public box::link_connection {
  public:
    explicit end(std::shared_ptr<joined_wire> wire) : wire_(std::move(wire)) {}
    ~end() override { wire_->box_open_ = false; }
    bool send(const box_frame& frame) override {
      if (!wire_->box_open_) return false;
      wire_->up_.push_back(to_msgpack(frame));
      return true;
    }
    std::size_t queued_bytes() const override { return 0; }
    void close(std::string_view) override { wire_->box_open_ = false; }

  private:
    std::shared_ptr<joined_wire> wire_;
  };
  void end_box() {
    if (std::exchange(box_open_, false)) to_box_.ended({"link.cut", "It was cut.", "", 503});
  }

  box::link_callbacks to_box_;
  std::deque<byte_vector> up_, down_;
  bool box_open_ = true;
  bool silent_ = false;
  socket socket_{*this};
};

} // namespace troupe::link
