#include "actors/server/page_events.hpp"
#include "actors/web/page.hpp"
#include "tests/actors/server/link_fixture.hpp"

#include <charconv>

namespace troupe::server {
namespace {

using namespace std::chrono_literals;

/// A page in memory. It reads at once, or when the test says so.
class memory_page final : public transport::websocket_session {
public:
  void handle(callbacks handlers) override { handlers_ = std::move(handlers); }
  bool send_text(transport::outgoing_message message) override {
    const auto text = as_text(message.bytes);
    bytes += text.size();
    ++messages;
    if (!reads) queued += text.size();
    for (auto at = text.find("device.value"); at != text.npos;
         at = text.find("device.value", at + 1))
      ++values;
    constexpr std::string_view name = "\"sequence\":";
    for (auto at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
      std::uint64_t number = 0;
      std::from_chars(text.data() + at + name.size(), text.data() + text.size(), number);
      numbers.push_back(number);
    }
    return true;
  }
  bool send_binary(transport::outgoing_message) override { return false; }
  void close(std::uint16_t, std::string_view) override { open_ = false; }
  void cut() override { open_ = false; }
  void probe(std::chrono::milliseconds) override {}
  void pause_reading() override {}
  void resume_reading() override {}
  bool is_open() const override { return open_; }
  std::size_t queued_bytes() const override { return queued; }
  std::string_view subprotocol() const override { return {}; }
  std::string_view remote_address() const override { return "192.0.2.1"; }

  void read() {
    queued = 0;
    if (handlers_.on_drained) handlers_.on_drained();
  }

  bool reads = true;
  std::size_t queued = 0;
  std::size_t bytes = 0;
  std::size_t messages = 0;
  std::size_t values = 0;
  std::vector<std::uint64_t> numbers;

private:
  callbacks handlers_;
  bool open_ = true;
};

class page_actor_test : public link_test {
protected:
  page_actor_test() { share->waits = &waits; }
  std::shared_ptr<memory_page> open(std::optional<std::uint64_t> after, event_filter filter = {}) {
    auto page = std::make_shared<memory_page>();
    spawn_event_page(system(), page, {bus, std::move(filter), after, "", share});
    return page;
  }
  void publish(std::uint64_t first, std::uint64_t last, std::size_t bytes = 0) {
    publish_batch batch{box_id("b1"), "e", {}};
    for (auto at = first; at <= last; ++at) {
      batch.events.push_back(event_number(at, at % 2 == 0 ? "even.event" : "odd.event"));
      if (bytes > 0) batch.events.back().data = std::string(bytes, 'x');
    }
    ASSERT_TRUE(ask<std::uint64_t>(bus, std::move(batch)));
  }
  void publish_value(const char* device) {
    caf::anon_send(bus, publish_live{box_id("b1"), {event_number(0, "device.value", device)}});
    settle();
  }

  runtime::counter& waits = metrics.count("waits", "");
  std::shared_ptr<page_share> share = std::make_shared<page_share>();
};

TEST_F(page_actor_test, it_comes_up_to_date_and_stays_so) {
  publish(1, 1700);
  crash_and_restart();
  publish(1701, 6000);
  for (const std::uint64_t after : {0u, 1u, 777u, 1700u, 5999u, 6000u}) {
    const auto page = open(after);
    settle();
    EXPECT_EQ(page->numbers, from_to(after + 1, 6000)) << after;
  }
  const auto now = open({});
  const auto future = open(4'711'000);
  const auto odd = open(0, {.types = {"odd."}});
  settle();
  publish(6001, 6003);
  EXPECT_EQ(now->numbers, from_to(6001, 6003));
  EXPECT_EQ(future->numbers, from_to(6001, 6003)) << "numbers that were never given count as now";
  EXPECT_EQ(odd->numbers, from_to(1, 6003, 2));
}

TEST_F(page_actor_test, a_slow_page_gets_the_rest_when_it_has_read_and_only_the_newest_values) {
  const auto page = open({});
  settle();
  page->reads = false;
  publish(1, 400, 5000);
  const auto got = page->numbers.size();
  EXPECT_GT(got, 50u);
  EXPECT_LT(got, 400u);
  EXPECT_LE(page->queued, web::page_queue_bytes);
  publish(401, 700);
  for (int at = 0; at < 5; ++at)
    publish_value("scale");
  EXPECT_EQ(page->numbers.size(), got) << "nothing new until it has read";
  EXPECT_EQ(page->values, 0u);
  for (int round = 0; round < 100 && page->numbers.back() != 700; ++round) {
    page->read();
    advance(100ms);
  }
  EXPECT_EQ(page->numbers, from_to(1, 700));
  EXPECT_EQ(page->values, 1u) << "the newest of that device";
}

TEST_F(page_actor_test, many_pages_that_want_much_take_turns_and_get_all) {
  constexpr std::uint64_t events = 2000;
  constexpr std::size_t pages = 60;
  publish(1, events, 4000); // all pages together want half a gigabyte
  std::vector<std::shared_ptr<memory_page>> all;
  for (std::size_t at = 0; at < pages; ++at)
    all.push_back(open(0));
  const auto total = [&] {
    std::size_t sum = 0;
    for (const auto& each : all)
      sum += each->bytes;
    return sum;
  };
  settle();
  advance(500ms);
  EXPECT_LT(total(), page_turns::bytes_per_second * 6 / 10);
  EXPECT_GT(total(), page_turns::bytes_per_second * 3 / 10);
  EXPECT_GT(waits.value(), 0u);
  const auto [least, most] = std::minmax_element(
      all.begin(), all.end(), [](const auto& a, const auto& b) { return a->bytes < b->bytes; });
  EXPECT_GT((*least)->bytes * 4, (*most)->bytes) << "none is left behind";
  advance(10s);
  for (const auto& each : all)
    ASSERT_EQ(each->numbers, from_to(1, events));
}

} // namespace
} // namespace troupe::server
