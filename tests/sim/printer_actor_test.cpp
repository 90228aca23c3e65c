#include "sim/printer_actor.hpp"
#include "sim/printer_port.hpp"
#include "tests/actors/fixture.hpp"

#include <gtest/gtest.h>

namespace troupe::sim {

using namespace std::chrono_literals;

class printer_actor_test : public runtime::actor_test {
protected:
  printer_actor_test() {
    device_options options;
    options.pace = printer_pace::real;
    device = printer_device::make(options, system_time(system()));
    printer = spawn_printer(system(), device);
  }
  void TearDown() override {
    printer = nullptr;
    device.reset();
    runtime::actor_test::TearDown();
  }
  std::shared_ptr<printer_device> device;
  printer_actor printer;
};

TEST_F(printer_actor_test, plays_what_people_do_in_virtual_time) {
  device->offer(as_bytes("one\ntwo\n\x1dV\x41\x01"));
  advance(10s);
  auto receipts = ask<std::vector<kept_receipt_ptr>>(printer, get_receipts{});
  ASSERT_TRUE(receipts);
  ASSERT_EQ(receipts->size(), 1u);
  EXPECT_EQ(receipts->front()->paper.text, "one\ntwo\n");

  auto seen = ask<printer_snapshot>(printer, play{"paper", "out"});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->problem, "no_paper");
  auto refused = ask<printer_snapshot>(printer, play{"paper", "eaten"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "printer.play");

  auto found = ask<kept_receipt_ptr>(printer, get_receipt{"counter-1"});
  ASSERT_TRUE(found);
  auto missing = ask<kept_receipt_ptr>(printer, get_receipt{"counter-9"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().status, 404);
}

TEST_F(printer_actor_test, tells_its_watchers_until_they_end) {
  auto [watcher, updates] = collector<printer_update>();
  ASSERT_TRUE(ask<printer_snapshot>(printer, watch_printer{watcher}));
  device->offer(as_bytes("x\n\x1dV\x41\x01"));
  advance(1s);
  std::size_t rows = 0, cuts = 0;
  for (const auto& update : *updates) {
    EXPECT_EQ(update.printer, "counter");
    if (auto* out = std::get_if<rows_printed>(update.event.get())) rows += out->count;
    cuts += std::holds_alternative<receipt_cut>(*update.event);
  }
  EXPECT_EQ(rows, 31u);
  EXPECT_EQ(cuts, 1u);
  caf::anon_send_exit(watcher, caf::exit_reason::user_shutdown);
  settle();
  auto before = updates->size();
  device->offer(as_bytes("y\n"));
  advance(1s);
  EXPECT_EQ(updates->size(), before);
}

TEST_F(printer_actor_test, the_strip_is_what_hangs_out) {
  device->offer(as_bytes("x\n"));
  advance(1s);
  auto strip = ask<strip_picture>(printer, get_strip{});
  ASSERT_TRUE(strip);
  EXPECT_EQ(strip->number, 1u);
  EXPECT_EQ(strip->height, 30u);
  EXPECT_EQ(strip->bits.size(), 30u * 72);
}

} // namespace troupe::sim
