#include "actors/box/printer_core.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

byte_vector healthy() {
  return {0x12, 0x12, 0x12, 0x12};
} // DLE EOT 1..4: all well
byte_vector no_paper() {
  return {0x1A, 0x32, 0x12, 0x72};
} // offline, paper end
byte_vector job_answer() {
  return {0x00};
} // GS r 1: paper adequate

/// Drives a core as the shell would, with a ledger that always writes unless told otherwise.
struct bench {
  printer_core core{{true}, {}};
  printer_core::time now{1h};
  printer_core::effects out;
  std::vector<action_record> ended;
  std::vector<std::string> replies; ///< "id ok", "id duplicate", "id code"
  device_status status;
  std::size_t job_writes = 0;
  bool ledger_works = true;
  std::uint64_t number = 0;

  void take(printer_core::effects effects) {
    for (auto& each : effects)
      std::visit([this](auto& one) { note(one); }, each);
    out.insert(out.end(), effects.begin(), effects.end());
  }
  template <class T>
  void note(T&) {}
  void note(printer_core::finish& x) {
    action_record record;
    record.id = x.id;
    record.state = x.state;
    record.code = x.code;
    record.text = x.text;
    ended.push_back(record);
  }
  void note(printer_core::reply& x) {
    replies.push_back(x.submission.text + " " +
                      (!x.content             ? x.content.error().code
                       : x.content->duplicate ? "duplicate"
                                              : "ok"));
  }
  void note(printer_core::report& x) { status = x.status; }
  void note(printer_core::write& x) { job_writes += x.of_job; }

  template <class T>
  std::size_t count() const {
    return static_cast<std::size_t>(std::count_if(
        out.begin(), out.end(), [](const auto& each) { return std::holds_alternative<T>(each); }));
  }

  static printer_core::request_ptr request(const char* id, bool drawer = false) {
    auto made = std::make_shared<action_request>();
    made->id = action_id(id);
    if (drawer)
      made->document.operations = {printing::drawer_pulse{}};
    else
      made->document.operations = {printing::text{.content = "x"}};
    return made;
  }
  action_record record(const char* id, action_state state = action_state::accepted) {
    action_record made;
    made.id = action_id(id);
    made.number = ++number;
    made.state = state;
    return made;
  }

  void connect(byte_vector answer = healthy()) {
    take(core.restore(now, {}, {}));
    take(core.opened(now));
    if (!answer.empty()) take(core.received(now, answer));
  }
  void submit(const char* id, bool drawer = false, std::size_t pieces = 2) {
    take(core.submit(now, request(id, drawer)));
    take(core.accepted(now, action_id(id), action_accepted{record(id), false}));
    take(core.encoded(now, action_id(id), std::vector<shared_bytes>(pieces, byte_vector(10, 'x'))));
  }
  void mark(const char* id) {
    if (ledger_works)
      take(core.marked(now, action_id(id), record(id, action_state::sent)));
    else
      take(core.marked(now, action_id(id), fault{"store.disk_full", "The disk is full."}));
  }
  void print_out(const char* id) {
    mark(id);
    take(core.written(now, std::nullopt));
    take(core.written(now, std::nullopt));
    take(core.received(now, job_answer()));
  }
};

TEST(printer_core, prints_when_on_disk_and_confirms_when_the_printer_says_so) {
  bench b;
  b.connect();
  EXPECT_EQ(b.status.state, device_state::ready);
  b.take(b.core.submit(b.now, b.request("a")));
  EXPECT_EQ(b.count<printer_core::accept>(), 1u);
  b.take(b.core.encoded(b.now, action_id("a"), std::vector<shared_bytes>(2, byte_vector{1})));
  EXPECT_EQ(b.count<printer_core::mark_sent>(), 0u) << "not on disk yet";
  EXPECT_TRUE(b.replies.empty());
  b.take(b.core.accepted(b.now, action_id("a"), action_accepted{b.record("a"), false}));
  EXPECT_EQ(b.replies, std::vector<std::string>{"a ok"});
  EXPECT_EQ(b.count<printer_core::mark_sent>(), 1u);
  EXPECT_EQ(b.job_writes, 0u) << "no byte before `sent` is on disk";
  b.mark("a");
  EXPECT_EQ(b.job_writes, 1u);
  b.take(b.core.written(b.now, std::nullopt));
  EXPECT_EQ(b.job_writes, 2u);
  b.take(b.core.written(b.now, std::nullopt));
  EXPECT_EQ(b.count<printer_core::end_of_job>(), 1u);
  EXPECT_TRUE(b.ended.empty()) << "written is not printed";
  b.take(b.core.received(b.now, job_answer()));
  ASSERT_EQ(b.ended.size(), 1u);
  EXPECT_EQ(b.ended[0].state, action_state::confirmed);
  EXPECT_EQ(b.core.waiting(), 0u);
}

TEST(printer_core, an_answer_that_overtakes_the_ports_word_is_not_lost) {
  bench b;
  b.connect();
  b.submit("a");
  b.mark("a");
  b.take(b.core.written(b.now, std::nullopt));
  b.take(b.core.received(b.now, job_answer()));
  EXPECT_TRUE(b.ended.empty());
  b.take(b.core.written(b.now, std::nullopt));
  ASSERT_EQ(b.ended.size(), 1u);
  EXPECT_EQ(b.ended[0].state, action_state::confirmed);
}

TEST(printer_core, a_known_key_gets_the_first_answer_and_prints_nothing) {
  bench b;
  b.connect();
  b.take(b.core.submit(b.now, b.request("again")));
  b.take(b.core.accepted(b.now, action_id("again"), action_accepted{b.record("first"), true}));
  b.take(b.core.encoded(b.now, action_id("again"), std::vector<shared_bytes>{byte_vector{1}}));
  EXPECT_EQ(b.replies, std::vector<std::string>{"again duplicate"});
  EXPECT_EQ(b.count<printer_core::mark_sent>(), 0u);
  EXPECT_EQ(b.core.waiting(), 0u);
}

TEST(printer_core, a_broken_picture_is_refused_and_stands_in_the_history) {
  for (const bool encoded_first : {true, false}) {
    bench b;
    b.connect();
    b.take(b.core.submit(b.now, b.request("a")));
    const auto encode = [&] {
      b.take(
          b.core.encoded(b.now, action_id("a"), fault{"picture.truncated", "Cut short.", "", 422}));
    };
    if (encoded_first) encode();
    b.take(b.core.accepted(b.now, action_id("a"), action_accepted{b.record("a"), false}));
    if (!encoded_first) encode();
    EXPECT_EQ(b.replies, std::vector<std::string>{"a picture.truncated"});
    ASSERT_EQ(b.ended.size(), 1u);
    EXPECT_EQ(b.ended[0].state, action_state::failed);
    EXPECT_EQ(b.core.waiting(), 0u);
  }
}

TEST(printer_core, without_paper_receipts_wait_and_print_by_themselves_later) {
  bench b;
  b.connect(no_paper());
  b.submit("a");
  b.submit("b");
  EXPECT_EQ(b.count<printer_core::mark_sent>(), 0u);
  EXPECT_EQ(b.status.state, device_state::trouble);
  EXPECT_EQ(b.status.code, "ERROR_NO_PAPER");
  EXPECT_EQ(b.status.waiting, 2u);
  EXPECT_NE(b.status.remedy.find("The 2 that wait"), std::string::npos) << b.status.remedy;
  b.now += 2s;
  b.take(b.core.tick(b.now)); // asks again
  b.take(b.core.received(b.now, healthy()));
  EXPECT_EQ(b.count<printer_core::mark_sent>(), 1u);
  b.print_out("a");
  b.print_out("b");
  EXPECT_EQ(b.ended.size(), 2u);
  EXPECT_EQ(b.status.state, device_state::ready);
}

TEST(printer_core, paper_that_ends_in_mid_job_is_waited_for_without_a_time_out) {
  bench b;
  b.connect();
  b.submit("a");
  b.mark("a");
  b.take(b.core.written(b.now, std::nullopt));
  b.take(b.core.written(b.now, std::nullopt));
  b.take(b.core.tick(b.now += 31s));
  b.take(b.core.received(b.now, no_paper()));
  ASSERT_EQ(b.ended.size(), 1u) << "it was silent for 31 s before that";

  bench c;
  c.connect();
  c.submit("a");
  c.mark("a");
  c.take(c.core.written(c.now, std::nullopt));
  c.take(c.core.written(c.now, std::nullopt));
  c.take(c.core.received(c.now, byte_vector{0x18, 0x00, 0x0C, 0x00})); // ASB: offline, paper end
  for (int i = 0; i < 100; ++i)
    c.take(c.core.tick(c.now += 60s));
  EXPECT_TRUE(c.ended.empty());
  c.take(c.core.received(c.now, byte_vector{0x10, 0x00, 0x00, 0x00})); // ASB: all well
  c.take(c.core.received(c.now, job_answer()));
  ASSERT_EQ(c.ended.size(), 1u);
  EXPECT_EQ(c.ended[0].state, action_state::confirmed);
}

struct cut_at {
  const char* what;
  int writes; ///< pieces confirmed by the port before the cut
  bool marked;
  bool expect_unknown;
  const char* write_fault = ""; ///< told for the next piece, ahead of the port's `closed`
};

class printer_core_cut : public testing::TestWithParam<cut_at> {};

TEST_P(printer_core_cut, is_unknown_only_when_a_byte_may_be_out) {
  bench b;
  b.connect();
  b.submit("a");
  if (GetParam().marked) b.mark("a");
  for (int i = 0; i < GetParam().writes; ++i)
    b.take(b.core.written(b.now, std::nullopt));
  if (const std::string code = GetParam().write_fault; !code.empty()) {
    const auto before = b.job_writes;
    b.take(b.core.written(b.now, fault{code, "The printer closed the connection."}));
    b.take(b.core.tick(b.now += 1s));
    EXPECT_EQ(b.job_writes, before) << "nothing is handed over twice";
    EXPECT_TRUE(b.ended.empty()) << "what became of it is known when the port has closed";
  }
  b.take(b.core.closed(b.now, {"printer.closed", "The printer closed the connection."}));
  EXPECT_EQ(b.ended.size(), GetParam().expect_unknown ? 1u : 0u);
  if (GetParam().expect_unknown) {
    EXPECT_EQ(b.ended[0].state, action_state::unknown);
    EXPECT_EQ(b.ended[0].code, "ERROR_UNREACHABLE");
    EXPECT_EQ(b.core.waiting(), 0u) << "never repeated by itself";
    return;
  }
  // Nothing of it was out: it prints when the printer is back.
  b.take(b.core.tick(b.now += 1s));
  EXPECT_EQ(b.count<printer_core::open_port>(), 2u);
  b.take(b.core.opened(b.now));
  b.take(b.core.received(b.now, healthy()));
  b.print_out("a");
  ASSERT_EQ(b.ended.size(), 1u);
  EXPECT_EQ(b.ended[0].state, action_state::confirmed);
}

INSTANTIATE_TEST_SUITE_P(
    all, printer_core_cut,
    testing::Values(cut_at{"waiting for the ledger", 0, false, false},
                    cut_at{"first piece at the port", 0, true, true},
                    cut_at{"half written", 1, true, true}, cut_at{"all written", 2, true, true},
                    cut_at{"first piece failed", 0, true, true, "printer.closed"},
                    cut_at{"second piece failed", 1, true, true, "printer.closed"},
                    cut_at{"port gone before the second", 1, true, true, "port.not_open"}),
    [](const auto& shown) {
      std::string name = shown.param.what;
      std::replace(name.begin(), name.end(), ' ', '_');
      return name;
    });

TEST(printer_core, after_a_restart_waiting_ones_print_and_sent_ones_are_unknown) {
  bench b;
  auto sent = b.record("s", action_state::sent);
  b.take(b.core.restore(b.now, {{b.record("w"), b.request("w")}}, {sent}));
  ASSERT_EQ(b.ended.size(), 1u);
  EXPECT_EQ(b.ended[0].id, action_id("s"));
  EXPECT_EQ(b.ended[0].state, action_state::unknown);
  b.take(b.core.opened(b.now));
  b.take(b.core.received(b.now, healthy()));
  EXPECT_EQ(b.count<printer_core::encode>(), 1u);
  b.take(b.core.encoded(b.now, action_id("w"), std::vector<shared_bytes>(2, byte_vector{1})));
  b.mark("w");
  // The printer may stand in the middle of a picture: what completes it goes ahead, once.
  const printer_core::write* ahead = nullptr;
  for (const auto& each : b.out)
    if (const auto* one = std::get_if<printer_core::write>(&each); one && one->of_job) ahead = one;
  ASSERT_NE(ahead, nullptr);
  EXPECT_EQ(ahead->bytes.size(), printer::broken_job_end().size());
  for (int i = 0; i < 3; ++i)
    b.take(b.core.written(b.now, std::nullopt));
  b.take(b.core.received(b.now, job_answer()));
  EXPECT_EQ(b.ended.size(), 2u);
  EXPECT_EQ(b.job_writes, 3u);
  b.submit("next");
  b.print_out("next");
  EXPECT_EQ(b.job_writes, 5u);
}

TEST(printer_core, a_printer_that_never_answers_is_believed_when_the_port_has_it_safe) {
  bench b;
  b.connect({});
  b.submit("a");
  EXPECT_EQ(b.count<printer_core::mark_sent>(), 0u) << "still hoping for an answer";
  b.take(b.core.tick(b.now += 700ms));
  EXPECT_EQ(b.count<printer_core::mark_sent>(), 1u);
  b.mark("a");
  b.take(b.core.written(b.now, std::nullopt));
  b.take(b.core.written(b.now, std::nullopt));
  EXPECT_TRUE(b.ended.empty());
  b.take(b.core.job_ended(b.now, std::nullopt));
  ASSERT_EQ(b.ended.size(), 1u);
  EXPECT_EQ(b.ended[0].state, action_state::confirmed);
}

TEST(printer_core, marked_while_the_power_goes_it_waits_and_prints_later) {
  bench b;
  b.connect();
  b.submit("a");
  b.take(b.core.closed(b.now, {"printer.closed", "The printer closed the connection."}));
  b.mark("a");
  EXPECT_EQ(b.job_writes, 0u);
  EXPECT_TRUE(b.ended.empty()) << "no byte of it was out";
  b.take(b.core.tick(b.now += 1s));
  b.take(b.core.opened(b.now));
  EXPECT_EQ(b.job_writes, 0u) << "not before the printer has said how it is";
  b.take(b.core.received(b.now, healthy()));
  EXPECT_EQ(b.job_writes, 1u);
  b.take(b.core.written(b.now, std::nullopt));
  b.take(b.core.written(b.now, std::nullopt));
  b.take(b.core.received(b.now, job_answer()));
  ASSERT_EQ(b.ended.size(), 1u);
  EXPECT_EQ(b.ended[0].state, action_state::confirmed);
}

TEST(printer_core, a_full_disk_behind_a_file_port_is_a_failure_not_a_doubt) {
  bench b;
  b.connect();
  b.submit("a");
  b.mark("a");
  b.take(b.core.written(b.now, fault{"port.disk_full", "The disk is full."}));
  ASSERT_EQ(b.ended.size(), 1u);
  EXPECT_EQ(b.ended[0].state, action_state::failed);
  EXPECT_EQ(b.ended[0].text, "The disk is full.");
}

TEST(printer_core, a_ledger_that_cannot_write_holds_the_print_and_tries_again) {
  bench b;
  b.connect();
  b.submit("a");
  b.ledger_works = false;
  b.mark("a");
  EXPECT_EQ(b.job_writes, 0u);
  b.take(b.core.tick(b.now += 500ms));
  EXPECT_EQ(b.count<printer_core::mark_sent>(), 1u);
  b.take(b.core.tick(b.now += 500ms));
  EXPECT_EQ(b.count<printer_core::mark_sent>(), 2u);
  b.ledger_works = true;
  b.print_out("a");
  EXPECT_EQ(b.ended.size(), 1u);
}

TEST(printer_core, a_drawer_opens_before_waiting_receipts_and_without_paper) {
  bench b;
  b.connect(no_paper());
  b.submit("receipt");
  b.submit("drawer", true, 1);
  EXPECT_EQ(b.count<printer_core::mark_sent>(), 1u);
  b.take(b.core.marked(b.now, action_id("drawer"), b.record("drawer", action_state::sent)));
  const auto last = std::find_if(b.out.rbegin(), b.out.rend(), [](const auto& each) {
    const auto* write = std::get_if<printer_core::write>(&each);
    return write != nullptr && write->of_job;
  });
  ASSERT_NE(last, b.out.rend());
  const byte_vector pulses{0x10, 0x14, 1, 0, 1,
                           0x10, 0x14, 1, 1, 1}; // DLE DC4: ahead of the buffer
  EXPECT_EQ(std::get<printer_core::write>(*last).bytes, shared_bytes(pulses));
  b.take(b.core.written(b.now, std::nullopt));
  b.take(b.core.job_ended(b.now, std::nullopt));
  ASSERT_EQ(b.ended.size(), 1u);
  EXPECT_EQ(b.ended[0].id, action_id("drawer"));
  EXPECT_EQ(b.core.waiting(), 1u) << "the receipt still waits for paper";
}

TEST(printer_core, waiting_actions_are_bounded_and_can_be_taken_back) {
  bench b;
  b.connect(no_paper());
  for (std::size_t i = 0; i < waiting_actions_bound; ++i)
    b.submit(("a" + std::to_string(i)).c_str());
  b.take(b.core.submit(b.now, b.request("more")));
  EXPECT_EQ(b.replies.back(), "more device.busy");
  b.take(b.core.cancel(b.now, action_id("a7")));
  EXPECT_EQ(b.ended.back().state, action_state::canceled);
  EXPECT_EQ(b.core.waiting(), waiting_actions_bound - 1);
  b.take(b.core.cancel(b.now, action_id("a7")));
  EXPECT_EQ(b.count<printer_core::refuse_cancel>(), 1u);
}

TEST(printer_core, only_the_front_keeps_large_encoded_bytes) {
  bench b;
  b.connect(no_paper());
  for (const char* id : {"a", "b", "c"}) {
    b.take(b.core.submit(b.now, b.request(id)));
    b.take(b.core.accepted(b.now, action_id(id), action_accepted{b.record(id), false}));
    b.take(b.core.encoded(b.now, action_id(id),
                          std::vector<shared_bytes>{byte_vector(encoded_ahead_bytes, 'x')}));
  }
  EXPECT_EQ(b.count<printer_core::encode>(), 3u);
  b.take(b.core.tick(b.now += 2s));
  b.take(b.core.received(b.now, healthy()));
  b.take(b.core.marked(b.now, action_id("a"), b.record("a", action_state::sent)));
  b.take(b.core.written(b.now, std::nullopt));
  b.take(b.core.received(b.now, job_answer()));
  EXPECT_EQ(b.count<printer_core::encode>(), 4u) << "b is encoded again when its turn comes";
}

TEST(printer_core, an_unreachable_printer_is_tried_again_with_growing_pauses) {
  bench b;
  b.take(b.core.restore(b.now, {}, {}));
  std::vector<std::chrono::milliseconds> pauses;
  for (int i = 0; i < 8; ++i) {
    b.take(b.core.closed(b.now, {"printer.refused", "The printer refuses the connection."}));
    ASSERT_TRUE(b.core.next_tick());
    pauses.push_back(
        std::chrono::duration_cast<std::chrono::milliseconds>(*b.core.next_tick() - b.now));
    b.now = *b.core.next_tick();
    b.take(b.core.tick(b.now));
  }
  EXPECT_EQ(pauses.front(), 500ms);
  EXPECT_EQ(pauses[1], 1s);
  EXPECT_EQ(pauses.back(), 15s);
  EXPECT_EQ(b.status.code, "ERROR_UNREACHABLE");
  EXPECT_EQ(b.status.text, "The printer refuses the connection.");
  b.take(b.core.closed(b.now, {"printer.refused", "The printer refuses the connection."}));
  const auto opens = b.count<printer_core::open_port>();
  b.submit("a");
  EXPECT_EQ(b.count<printer_core::open_port>(), opens + 1) << "somebody waits: try at once";
}

TEST(printer_core, taken_but_never_confirmed_is_unknown_after_a_while) {
  bench b;
  b.connect();
  b.submit("a");
  b.mark("a");
  b.take(b.core.written(b.now, std::nullopt));
  b.take(b.core.written(b.now, std::nullopt));
  b.take(b.core.tick(b.now += 29s));
  EXPECT_TRUE(b.ended.empty());
  b.take(b.core.tick(b.now += 1s));
  ASSERT_EQ(b.ended.size(), 1u);
  EXPECT_EQ(b.ended[0].state, action_state::unknown);
  EXPECT_EQ(b.ended[0].code, "ERROR_TIMEOUT");
}

} // namespace
} // namespace troupe::box
