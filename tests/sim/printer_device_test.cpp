#include "sim/printer_device.hpp"

#include <gtest/gtest.h>

namespace troupe::sim {

using namespace std::chrono_literals;

/// What a host hears.
struct listening_host : printer_host {
  void answer(byte_span bytes) override { heard.insert(heard.end(), bytes.begin(), bytes.end()); }
  void take_again() override { ++asked_again; }
  void power_changed(bool on) override { power = on; }
  void plug_changed(bool in) override { plug = in; }
  void reset_connection() override { ++resets; }
  byte_vector heard;
  int asked_again = 0, resets = 0;
  bool power = true, plug = true;
};

class printer_device_test : public testing::Test {
protected:
  void start(device_options options = {}) {
    device = printer_device::make(std::move(options), time.source());
    device->watch(watching, [this](const printer_event& event) { events.push_back(event); });
    device->add_host(host);
    device->connected(host);
    time.settle();
  }
  void play(std::string what, std::string state) { ASSERT_TRUE(device->play({what, state})); }
  std::size_t offer(std::string_view bytes) { return device->offer(as_bytes(bytes)); }
  template <class Kind>
  std::size_t count() const {
    std::size_t found = 0;
    for (const auto& event : events)
      found += std::holds_alternative<Kind>(event);
    return found;
  }

  manual_time time;
  std::shared_ptr<printer_device> device;
  std::shared_ptr<listening_host> host = std::make_shared<listening_host>();
  std::shared_ptr<int> watching = std::make_shared<int>(0);
  std::vector<printer_event> events;
};

static const std::string cut("\x1dV\0", 3);

TEST_F(printer_device_test, prints_at_once_when_told_so) {
  start();
  offer("Hello\n" + cut);
  EXPECT_TRUE(device->receipts().empty()) << "nothing happens inside the call";
  time.settle();
  ASSERT_EQ(device->receipts().size(), 1u);
  EXPECT_EQ(device->receipts().front()->id, "counter-1");
  EXPECT_EQ(device->receipts().front()->paper.text, "Hello\n");
  EXPECT_EQ(count<receipt_cut>(), 1u);
  EXPECT_TRUE(device->find_receipt("counter-1"));
  EXPECT_FALSE(device->find_receipt("counter-2"));
}

TEST_F(printer_device_test, prints_at_the_pace_of_a_real_one) {
  device_options options;
  options.pace = printer_pace::real;
  start(options);
  std::string lines;
  for (int line = 0; line < 100; ++line)
    lines += "x\n"; // 3000 rows, nearly two seconds
  offer(lines + cut);
  time.advance(1s);
  EXPECT_TRUE(device->receipts().empty());
  EXPECT_TRUE(device->snapshot().printing);
  EXPECT_GT(device->model().paper().height(), 1500u);
  EXPECT_LT(device->model().paper().height(), 1800u);
  time.advance(1s);
  EXPECT_EQ(device->receipts().size(), 1u);
  EXPECT_FALSE(device->snapshot().printing);
  std::size_t rows = 0;
  for (const auto& event : events)
    if (auto* out = std::get_if<rows_printed>(&event)) rows += out->count;
  EXPECT_EQ(rows, 3000u);
}

TEST_F(printer_device_test, keeps_the_last_fifty_receipts) {
  start();
  for (int i = 0; i < 60; ++i)
    offer("x\n" + cut);
  time.settle();
  EXPECT_EQ(device->receipts().size(), receipts_kept);
  EXPECT_EQ(device->receipts().front()->id, "counter-11");
  EXPECT_EQ(device->snapshot().receipts, 60u);
  play("clear", "");
  time.settle();
  EXPECT_TRUE(device->receipts().empty());
  EXPECT_EQ(count<spike_cleared>(), 1u);
}

TEST_F(printer_device_test, says_in_a_word_what_is_wrong_and_since_when) {
  start();
  EXPECT_EQ(device->snapshot().state, standing::ready);
  time.advance(5s);
  play("paper", "out");
  auto since = device->snapshot().since;
  time.advance(5s);
  play("drawer", "open");
  EXPECT_EQ(device->snapshot().problem, "no_paper");
  EXPECT_EQ(device->snapshot().state, standing::trouble);
  EXPECT_EQ(device->snapshot().since, since);
  play("cover", "open");
  EXPECT_EQ(device->snapshot().problem, "cover_open");
  play("power", "off");
  EXPECT_EQ(device->snapshot().state, standing::unknown);
  play("power", "on");
  play("cover", "closed");
  play("paper", "low");
  EXPECT_EQ(device->snapshot().state, standing::attention);
  play("paper", "in");
  EXPECT_EQ(device->snapshot().state, standing::ready);
  EXPECT_EQ(device->snapshot().problem, "");
}

TEST_F(printer_device_test, a_full_buffer_makes_the_host_wait_until_there_is_paper) {
  device_options options;
  options.model.buffer_bytes = 1024;
  options.model.reserve_bytes = 0;
  start(options);
  play("paper", "out");
  EXPECT_EQ(offer(std::string(2000, 'x')), 1024u);
  time.settle();
  EXPECT_EQ(host->asked_again, 0);
  EXPECT_EQ(offer("\x10\x04\x04"), 3u) << "status passes a full buffer";
  time.settle();
  EXPECT_EQ(host->heard, byte_vector{0x7E});
  play("paper", "in");
  time.settle();
  EXPECT_EQ(host->asked_again, 1);
}

TEST_F(printer_device_test, power_off_loses_the_buffer_and_tells_the_host) {
  start();
  play("cover", "open");
  offer("lost\n");
  play("power", "off");
  EXPECT_FALSE(host->power);
  EXPECT_EQ(offer("nobody\n"), 0u);
  play("power", "on");
  play("cover", "closed");
  offer("kept\n" + cut);
  time.settle();
  ASSERT_EQ(device->receipts().size(), 1u);
  EXPECT_EQ(device->receipts().front()->paper.text, "kept\n");
}

class bad_play : public printer_device_test, public testing::WithParamInterface<play> {};

TEST_P(bad_play, is_refused) {
  start();
  auto done = device->play(GetParam());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().status, 422);
}

INSTANTIATE_TEST_SUITE_P(plays, bad_play,
                         testing::Values(play{"paper", "gone"}, play{"cover", ""},
                                         play{"power", "OFF"}, play{"fault", "fire"},
                                         play{"jump", "high"}, play{"paper", "in", true, 5},
                                         play{"pace", "fast"}));

TEST_F(printer_device_test, dies_in_mid_job_and_comes_back_after_a_restart) {
  start();
  ASSERT_TRUE(device->play({"fault", "dead", true, {}, 3}));
  offer("abcdef\n" + cut);
  time.advance(1s);
  EXPECT_EQ(device->snapshot().problem, "dead");
  EXPECT_EQ(offer("x"), 0u);
  play("power", "off");
  play("power", "on");
  EXPECT_EQ(device->snapshot().state, standing::ready);
  EXPECT_EQ(offer("x"), 1u);
}

TEST_F(printer_device_test, plays_the_planned_faults_at_the_planned_bytes_whatever_the_chunks) {
  auto run = [](std::size_t chunk) {
    manual_time time;
    device_options options;
    options.faults =
        *parse_fault_plan("seed=3,jobs=40,paper_out=0.2,cover_open=0.2,delay=0.2,offline=0.2,"
                          "within=400,mend_ms=50");
    auto device = printer_device::make(options, time.source());
    std::vector<std::string> story;
    auto watching = std::make_shared<int>(0);
    device->watch(watching, [&](const printer_event& event) {
      if (!std::holds_alternative<state_changed>(event)) return;
      auto seen = device->snapshot();
      auto line = seen.problem + "@" + std::to_string(seen.strip_number) + ":" +
                  std::to_string(seen.strip_rows);
      if (!seen.problem.empty() && (story.empty() || story.back() != line)) story.push_back(line);
    });
    std::string jobs;
    for (int i = 0; i < 40; ++i)
      jobs += std::string(500, 'x') + "\n" + cut;
    byte_span rest = as_bytes(jobs);
    for (int rounds = 0; rounds < 100000 && device->receipts_finished() < 40; ++rounds) {
      auto taken = device->offer(rest.first(std::min(chunk, rest.size())));
      rest = rest.subspan(taken);
      time.advance(10ms);
    }
    EXPECT_EQ(device->receipts_finished(), 40u) << "each fault is mended";
    return story;
  };
  auto small = run(37), large = run(100000);
  EXPECT_EQ(small, large);
  EXPECT_GT(large.size(), 8u);
}

TEST_F(printer_device_test, a_planned_cut_of_the_connection_reaches_the_host) {
  device_options options;
  options.faults = *parse_fault_plan("jobs=1,cut_connection=1,within=2");
  start(options);
  offer("abcdef");
  time.settle();
  EXPECT_EQ(host->resets, 1);
}

} // namespace troupe::sim
