#pragma once

#include "actors/server/box_session.hpp"
#include "messages/codec.hpp"
#include "messages/random.hpp"
#include "tests/actors/server/server_fixture.hpp"

#include <deque>

namespace troupe::server {

/// A WebSocket in memory: the test is the other end.
class memory_websocket final : public transport::websocket_session,
                               public std::enable_shared_from_this<memory_websocket> {
public:
  void handle(callbacks handlers) override { handlers_ = std::move(handlers); }
  bool send_text(transport::outgoing_message) override { return false; }
  bool send_binary(transport::outgoing_message message) override {
    if (!open_) return false;
    auto& to = is_question(message.bytes) ? questions : sent;
    to.emplace_back(message.bytes.begin(), message.bytes.end());
    return true;
  }
  void close(std::uint16_t code, std::string_view) override {
    close_code = code;
    end(code);
  }
  void cut() override { end(1006); }
  void probe(std::chrono::milliseconds) override {}
  void pause_reading() override { paused = true; }
  void resume_reading() override {
    paused = false;
    pump();
  }
  bool is_open() const override { return open_; }
  std::size_t queued_bytes() const override { return queued; }
  std::string_view subprotocol() const override { return link::subprotocol; }
  std::string_view remote_address() const override { return "192.0.2.1"; }

  /// Bytes from the box.
  void receive(byte_vector bytes) {
    incoming_.push_back(std::move(bytes));
    pump();
  }
  std::size_t unread() const { return incoming_.size(); }

  std::deque<byte_vector> sent;
  std::deque<byte_vector> questions; ///< `ask_time`, which comes between all others
  std::uint16_t close_code = 0;
  std::size_t queued = 0;
  bool paused = false;

private:
  static bool is_question(byte_span frame) {
    const std::string_view head(reinterpret_cast<const char*>(frame.data()),
                                std::min<std::size_t>(frame.size(), 40));
    return head.find("ask_time") != std::string_view::npos;
  }
  void pump() {
    while (open_ && !paused && !incoming_.empty() && handlers_.on_message) {
      const auto bytes = std::move(incoming_.front());
      incoming_.pop_front();
      const auto keep = handlers_.on_message;
      keep(bytes, false);
    }
  }
  void end(std::uint16_t code) {
    if (!std::exchange(open_, false)) return;
    const auto told = std::exchange(handlers_, {}).on_close;
    if (told) told(code, {});
  }

  callbacks handlers_;
  std::deque<byte_vector> incoming_;
  bool open_ = true;
};

/// A box as a script: says what the test tells it to say, and signs as a real one.
class scripted_box {
public:
  explicit scripted_box(std::string id) { hello.box = box_id(std::move(id)); }

  link::hello& greet(link::link_wish wish) {
    hello.wish = wish;
    return hello;
  }
  void answer(const link::challenge& asked) {
    hello.public_key = key.public_key();
    hello.nonce = secure_random(32);
    hello.signature = key.sign(link::box_statement(asked, hello));
    say(hello);
  }
  template <class Frame>
  void say(Frame frame) {
    socket->receive(to_msgpack(link::box_frame(std::move(frame))));
  }
  /// The next frame of the server when it is of that kind.
  template <class Frame>
  std::optional<Frame> next() {
    if (socket->sent.empty()) return std::nullopt;
    auto read = from_msgpack<link::server_frame>(socket->sent.front());
    if (!read) return std::nullopt;
    auto* found = std::get_if<Frame>(&*read);
    if (found == nullptr) return std::nullopt;
    socket->sent.pop_front();
    return std::move(*found);
  }

  security::signing_key key = security::signing_key::make();
  link::hello hello = [] {
    link::hello made;
    made.name = "Till";
    made.version = "0.1.0";
    made.instance = "i1";
    made.epoch = "e1";
    made.valid_for = std::chrono::hours(2);
    return made;
  }();
  std::shared_ptr<memory_websocket> socket;
};

inline event event_number(std::uint64_t sequence, std::string type = "device.status",
                          std::string device = "p1") {
  event made;
  made.sequence = sequence;
  made.type = std::move(type);
  made.device = device_id(std::move(device));
  made.time = time_point(std::chrono::seconds(1'700'000'000));
  return made;
}

inline std::vector<std::uint64_t> from_to(std::uint64_t first, std::uint64_t last,
                                          std::uint64_t step = 1) {
  std::vector<std::uint64_t> out;
  for (auto at = first; at <= last; at += step)
    out.push_back(at);
  return out;
}

/// The server's core with links whose other ends are scripts.
class link_test : public server_test {
protected:
  explicit link_test(bool postgres = false) : server_test(postgres) {}
  void SetUp() override { start(); }
  void TearDown() override {
    end();
    server_test::TearDown();
  }
  void start() {
    start_store();
    bus = spawn_bus(system(), shared, store);
    logs = spawn_log_store(system(), shared, store);
    fleet = spawn_fleet(system(), shared, store, bus);
    desk = spawn_pairing_desk(system(), shared, fleet, bus);
    gate = spawn_link_gate(system(), shared, {"server-1", "Shop", server_key});
    link_door made{&system(), &shared, "server-1", server_key.public_key(), gate, bus,
                   fleet,     desk,    logs};
    door = std::make_shared<const link_door>(std::move(made));
    settle();
  }
  void end() {
    end_all();
    door.reset();
    bus = nullptr;
    logs = nullptr;
    fleet = nullptr;
    desk = nullptr;
    gate = nullptr;
    store = nullptr;
  }
  /// Everything ends as by a kill and starts again on the same database.
  void crash_and_restart() {
    end();
    start_anew();
    start();
  }

  void open(scripted_box& box) {
    box.socket = std::make_shared<memory_websocket>();
    open_link(door, box.socket, "http://server:8080");
    settle();
  }
  /// Opens, and answers the challenge.
  void come(scripted_box& box, link::link_wish wish) {
    open(box);
    auto asked = box.next<link::challenge>();
    ASSERT_TRUE(asked);
    box.greet(wish);
    box.answer(*asked);
    settle();
  }
  void cut(scripted_box& box) {
    box.socket->cut();
    settle();
  }
  std::optional<link::welcome> link_box(scripted_box& box) {
    come(box, link::link_wish::link);
    auto welcome = box.next<link::welcome>();
    EXPECT_TRUE(welcome);
    return welcome;
  }
  result<claimed_box> claim(const std::string& code, const char* person = "Anna",
                            const char* address = "10.0.0.1") {
    return ask<claimed_box>(desk, claim_code{code, person, address});
  }
  /// Brings a box into the fleet by its code, and ends that connection.
  void pair(scripted_box& box) {
    come(box, link::link_wish::pairing);
    auto code = box.next<link::pairing_code>();
    ASSERT_TRUE(code);
    const auto claimed = claim(code->code);
    ASSERT_TRUE(claimed) << claimed.error().text;
    ASSERT_TRUE(box.next<link::paired>());
  }
  template <class Frame>
  void say(scripted_box& box, Frame frame) {
    box.say(std::move(frame));
    settle();
  }
  void send_events(scripted_box& box, std::uint64_t first, std::uint64_t last) {
    link::event_batch batch;
    for (auto number = first; number <= last; ++number)
      batch.events.push_back(event_number(number));
    say(box, std::move(batch));
  }
  fleet_box shown(const scripted_box& box) {
    auto found = ask<fleet_box_ptr>(fleet, get_box{box.hello.box});
    EXPECT_TRUE(found) << found.error().text;
    return found ? **found : fleet_box{};
  }
  std::vector<event_ptr> history(std::string prefix = {}) {
    find_events wanted;
    wanted.after = 0;
    wanted.limit = 1000;
    wanted.type_prefix = std::move(prefix);
    auto found = ask<event_list_ptr>(bus, wanted);
    EXPECT_TRUE(found) << found.error().text;
    return found ? **found : std::vector<event_ptr>();
  }
  link::snapshot with_printer() {
    link::snapshot told;
    told.report.name = "Till";
    device_snapshot printer;
    printer.description.id = device_id("p1");
    printer.description.name = "Printer";
    printer.description.kind = device_kind::printer;
    printer.status.state = device_state::ready;
    told.devices = {printer};
    return told;
  }

  security::signing_key server_key = security::signing_key::make();
  bus_actor bus;
  log_store_actor logs;
  fleet_links_actor fleet;
  pairing_links_actor desk;
  link_gate_actor gate;
  link_door_ptr door;
};

} // namespace troupe::server
