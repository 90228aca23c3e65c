#pragma once

#include "actors/box/link_connection.hpp"
#include "messages/codec.hpp"
#include "security/signing_key.hpp"
#include "sim/fleet/dice.hpp"
#include "sim/fleet/fleet.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace troupe::sim {

/// A server of the fleet in memory, behind links with a latency: gives codes, takes events, and
/// keeps book of all it gets. Frames pass through their wire form.
class memory_server {
public:
  memory_server(device_time time, std::uint64_t seed) : time_(std::move(time)), dice_(seed) {
    start_ = time_.now();
  }

  box::link_opener opener() {
    return [this](const std::string&, box::link_callbacks callbacks) {
      auto made = std::make_shared<wire>();
      made->callbacks = std::move(callbacks);
      wires_.push_back(made);
      give(made, link::challenge{"server", shared_bytes::copy_of("challenge")});
      return std::unique_ptr<box::link_connection>(std::make_unique<end>(*this, made));
    };
  }

  code_typist typist() {
    return [this](const std::string& code, std::function<void(result<bool>)> done) {
      const auto found = codes_.find(code);
      if (found == codes_.end()) return done(fault{"pairing.wrong", "No such code.", "", 404});
      const auto to = found->second;
      codes_.erase(found);
      link::paired word{"server", "The fleet", key_.public_key(), "Ada", proof("paired", *to)};
      give(to, word);
      done(true);
    };
  }

  /// All links break at once.
  void cut_all() {
    for (auto& each : std::exchange(wires_, {}))
      if (std::exchange(each->open, false))
        each->callbacks.ended({"link.cut", "It was cut.", "", 503});
  }

  std::uint64_t events() const { return events_; }
  std::uint64_t confirmed() const { return confirmed_; }
  std::size_t boxes() const { return last_.size(); }
  /// Differs as soon as one event differs in what, where or when.
  std::uint64_t trace_hash() const { return hash_; }
  std::uint64_t out_of_order() const { return out_of_order_; }

private:
  struct wire {
    box::link_callbacks callbacks;
    link::hello hello;
    bool open = true;
    device_time::clock::time_point up{}, down{}; ///< when the wire is free again
  };
  using wire_ptr = std::shared_ptr<wire>;

  class end final : public box::link_connection {
  public:
    end(memory_server& server, wire_ptr to) : server_(server), wire_(std::move(to)) {}
    ~end() override { wire_->open = false; }
    bool send(const link::box_frame& frame) override {
      if (!wire_->open) return false;
      auto copy = from_msgpack<link::box_frame>(to_msgpack(frame));
      EXPECT_TRUE(copy) << copy.error().text;
      server_.later(wire_->up, [&server = server_, to = wire_, content = std::move(*copy)] {
        if (to->open) server.take(to, content);
      });
      return true;
    }
    std::size_t queued_bytes() const override { return 0; }
    void close(std::string_view) override { wire_->open = false; }

  private:
    memory_server& server_;
    wire_ptr wire_;
  };

  /// Frames of one direction arrive in the order in which they left, as over TCP.
  void later(device_time::clock::time_point& free_from, std::function<void()> job) {
    const auto now = time_.now();
    free_from = std::max(free_from, now + std::chrono::microseconds(500 + dice_.below(20'000)));
    time_.after(free_from - now, std::move(job));
  }
  void give(const wire_ptr& to, link::server_frame frame) {
    auto copy = from_msgpack<link::server_frame>(to_msgpack(frame));
    ASSERT_TRUE(copy) << copy.error().text;
    later(to->down, [to, content = std::move(*copy)] {
      if (to->open) to->callbacks.received(content);
    });
  }
  shared_bytes proof(std::string_view kind, const wire& to) const {
    return key_.sign(link::server_statement(kind, "server", to.hello.box, to.hello.nonce));
  }

  void take(const wire_ptr& from, const link::box_frame& frame) {
    if (const auto* hello = std::get_if<link::hello>(&frame)) greet(from, *hello);
    if (const auto* batch = std::get_if<link::event_batch>(&frame)) {
      for (const auto& each : batch->events)
        note(from->hello, each);
      if (!batch->events.empty())
        give(from, link::event_ack{last_[from->hello.box][from->hello.epoch]});
    }
  }

  void greet(const wire_ptr& from, const link::hello& hello) {
    from->hello = hello;
    if (hello.wish == link::link_wish::link) {
      link::welcome word;
      word.last_event = last_[hello.box][hello.epoch];
      word.now = time_.wall_now();
      word.server_name = "The fleet";
      word.proof = proof("welcome", *from);
      return give(from, word);
    }
    const auto code = code_of(codes_given_++);
    codes_[code] = from;
    give(from, link::pairing_code{code, std::chrono::hours(2), "http://server/"});
  }

  static std::string code_of(std::uint64_t number) {
    constexpr std::string_view letters = "BCDFGHJKLMNPQRSTVWXZ";
    std::string code(8, letters[0]);
    for (auto& each : code) {
      each = letters[number % letters.size()];
      number /= letters.size();
    }
    return code;
  }

  void note(const link::hello& from, const event& happened) {
    auto& last = last_[from.box][from.epoch];
    if (happened.sequence <= last) ++out_of_order_;
    last = happened.sequence;
    ++events_;
    confirmed_ += happened.type == "action.confirmed";
    const auto at = (time_.now() - start_).count();
    const auto line = std::to_string(at) + " " + from.box.text + " " +
                      std::to_string(happened.sequence) + " " + happened.type + " " +
                      happened.device.text;
    for (const char c : line)
      hash_ = (hash_ ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ull;
  }

  device_time time_;
  dice dice_;
  device_time::clock::time_point start_;
  security::signing_key key_ = security::signing_key::make();
  std::vector<wire_ptr> wires_;
  std::map<std::string, wire_ptr> codes_;
  std::map<box_id, std::map<std::string, std::uint64_t>> last_; ///< by numbering
  std::uint64_t codes_given_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t confirmed_ = 0;
  std::uint64_t out_of_order_ = 0;
  std::uint64_t hash_ = 0xcbf29ce484222325ull;
};

} // namespace troupe::sim
