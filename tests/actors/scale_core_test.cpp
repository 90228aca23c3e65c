#include "actors/box/scale_core.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <string>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;
using core = scale_core;

/// A scale on the other side of the wire, in a time of our own making.
class scale_core_test : public testing::Test {
protected:
  void start(const char* protocol = "mettler_toledo_8217") {
    made_.emplace(protocol != nullptr ? scale::protocol_named(protocol) : nullptr, scale_times{});
    take(made_->restore(now_, {}, {}));
  }

  /// What the port and the ledger answer, each in its turn.
  void take(core::effects effects) {
    for (auto& each : effects)
      std::visit([this](auto& one) { on(one); }, each);
    if (std::exchange(answering_, true)) return;
    while (!answers_.empty()) {
      const auto next = std::move(answers_.front());
      answers_.pop_front();
      take(next());
    }
    answering_ = false;
  }
  void later(std::function<core::effects()> answer) { answers_.push_back(std::move(answer)); }
  void on(core::open_port& wanted) {
    opens_.push_back(wanted.speaks->name);
    later([this] {
      if (!absent_) return made_->opened(now_);
      return made_->closed(now_, {"serial.absent", "There is no port.", "Plug it in.", 503});
    });
  }
  void on(core::write& wanted) {
    written_.push_back(wanted.bytes);
    if (!plugged_) return;
    std::string answer;
    if (wanted.bytes == speaks_probe_)
      answer = probe_answer_;
    else if (wanted.bytes == question_)
      answer = answer_;
    else if (wanted.bytes == "Z")
      answer = zero_answer_;
    if (!answer.empty()) later([this, answer] { return heard(answer); });
  }
  void on(core::accept& wanted) {
    action_record record;
    record.id = wanted.request->id;
    record.action = wanted.request->action;
    later([this, record] {
      return made_->accepted(now_, record.id, action_accepted{record, false});
    });
  }
  void on(core::mark_sent& wanted) { marked_.push_back(wanted.id); }
  void on(core::finish& wanted) { finished_.push_back(wanted); }
  void on(core::reply& wanted) { replies_.push_back(wanted); }
  void on(core::publish&) {}
  void on(core::report& wanted) {
    status_ = wanted.status;
    (wanted.live ? live_ : kept_).push_back(wanted.status);
  }
  void on(core::note_weight& wanted) { noted_.push_back(wanted.data.text_or("text")); }
  void on(core::refuse_cancel& wanted) { refused_.push_back(wanted.id); }

  core::effects heard(const std::string& text) {
    return made_->received(now_, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }
  /// Time passes; every tick that the core asks for comes.
  void pass(std::chrono::milliseconds span) {
    const auto end = now_ + span;
    for (auto next = made_->next_tick(); next && *next <= end; next = made_->next_tick()) {
      now_ = std::max(now_, *next);
      if (++ticks_ > 100'000) FAIL() << "it wants a tick again and again";
      take(made_->tick(now_));
    }
    now_ = end;
  }
  void shows(const std::string& weight) { answer_ = "\x02" + weight + "\r"; }
  action_id ask(const char* action) {
    auto request = std::make_shared<action_request>();
    request->id = action_id("a" + std::to_string(++asked_));
    request->action = action;
    request->origin = "test";
    take(made_->submit(now_, request));
    return request->id;
  }
  const core::finish* end_of(const action_id& id) const {
    for (const auto& each : finished_)
      if (each.id == id) return &each;
    return nullptr;
  }

  std::optional<core> made_;
  std::deque<std::function<core::effects()>> answers_;
  bool answering_ = false;
  core::time now_{std::chrono::hours(1)};
  bool absent_ = false, plugged_ = true;
  std::string question_ = "W", answer_ = "\x02"
                                         "00.452\r";
  std::string speaks_probe_ = "Ehello", probe_answer_ = "\x02"
                                                        "E\rhello";
  std::string zero_answer_ = "\x02?P\r";
  std::vector<std::string_view> opens_;
  std::vector<std::string> written_;
  std::vector<action_id> marked_, refused_;
  std::vector<core::finish> finished_;
  std::vector<core::reply> replies_;
  std::vector<device_status> live_, kept_;
  std::vector<std::string> noted_;
  device_status status_;
  int asked_ = 0, ticks_ = 0;
};

TEST_F(scale_core_test, a_settled_weight_is_ready_with_its_digits_and_unit) {
  start();
  pass(200ms);
  EXPECT_EQ(status_.state, device_state::ready);
  EXPECT_EQ(status_.text, "0.452 kg");
  EXPECT_EQ(status_.details["weight"], value(0.452));
  EXPECT_EQ(status_.details.text_or("text"), "0.452");
  EXPECT_EQ(status_.details.text_or("unit"), "kg");
  EXPECT_EQ(*status_.details["precision"].as_integer(), 3);
  EXPECT_TRUE(*status_.details["stable"].as_bool());
}

struct state_case {
  const char* bytes;
  device_state state;
  const char* code;
};
TEST_F(scale_core_test, what_is_no_weight_is_told_apart_and_never_zero) {
  const state_case table[] = {
      {"\x02?A\r", device_state::attention, ""},
      {"\x02?B\r", device_state::trouble, "ERROR_TOO_HEAVY"},
      {"\x02?D\r", device_state::attention, "WARNING_UNDER_ZERO"},
      {"\x02?H\r", device_state::trouble, "ERROR_ZERO"},
      {"\x02?P\r", device_state::trouble, "ERROR_NO_WEIGHT"},
      {"\x02?@\r", device_state::trouble, "ERROR_NO_WEIGHT"},
  };
  start();
  pass(200ms);
  for (const auto& each : table) {
    answer_ = each.bytes;
    pass(3s);
    EXPECT_EQ(status_.state, each.state) << each.bytes;
    EXPECT_EQ(status_.code, each.code) << each.bytes;
    EXPECT_TRUE(status_.details["weight"].is_null()) << each.bytes;
    EXPECT_FALSE(*status_.details["stable"].as_bool());
    const auto id = ask("read_once");
    pass(6s);
    ASSERT_NE(end_of(id), nullptr) << each.bytes;
    EXPECT_EQ(end_of(id)->state, action_state::failed) << each.bytes;
    EXPECT_TRUE(end_of(id)->result.is_null());
    EXPECT_FALSE(end_of(id)->text.empty());
  }
}

TEST_F(scale_core_test, rubbish_counts_as_silence_and_an_old_weight_becomes_unknown) {
  start();
  pass(200ms);
  answer_ = "\x02!!\r";
  pass(1400ms);
  EXPECT_EQ(status_.state, device_state::ready) << "not old yet";
  pass(300ms);
  EXPECT_EQ(status_.state, device_state::unknown);
  EXPECT_EQ(status_.code, "ERROR_TIMEOUT");
  EXPECT_TRUE(status_.details["weight"].is_null());
  pass(10s);
  EXPECT_EQ(status_.state, device_state::trouble);
  shows("01.000");
  pass(6s);
  EXPECT_EQ(status_.text, "1.000 kg");
}

TEST_F(scale_core_test, the_protocol_is_found_by_probing_and_tried_first_the_next_time) {
  question_ = "G\r\n";
  speaks_probe_ = "\r\nG\r\n";
  probe_answer_ = answer_ = "+  0.452 kg\r\n";
  start(nullptr);
  pass(3s);
  EXPECT_EQ(opens_, (std::vector<std::string_view>{"mettler_toledo_8217", "adam_mdw", "adam"}));
  EXPECT_EQ(status_.text, "0.452 kg");
  EXPECT_EQ(status_.details.text_or("protocol"), "adam");
  take(made_->closed(now_, {"serial.closed", "It is gone.", "", 503}));
  pass(2s);
  EXPECT_EQ(opens_.size(), 4u);
  EXPECT_EQ(opens_.back(), "adam");
}

TEST_F(scale_core_test, an_echo_left_on_by_a_failed_probe_is_switched_off) {
  plugged_ = false;
  start(nullptr);
  pass(700ms);
  ASSERT_GE(written_.size(), 2u);
  EXPECT_EQ(written_[0], "Ehello");
  EXPECT_EQ(written_[1], "F");
}

TEST_F(scale_core_test, a_silent_line_is_trouble_in_words_and_tried_again_with_patience) {
  plugged_ = false;
  start(nullptr);
  pass(60s);
  EXPECT_EQ(status_.state, device_state::trouble);
  EXPECT_EQ(status_.code, "ERROR_TIMEOUT");
  EXPECT_LT(opens_.size(), 60u);
  EXPECT_LE(kept_.size(), 3u) << "one change is kept, not one a try";
  plugged_ = true;
  pass(8s);
  EXPECT_EQ(status_.state, device_state::ready);
}

TEST_F(scale_core_test, it_vanishes_with_words_and_comes_back_by_itself) {
  start();
  pass(3s);
  absent_ = true;
  take(made_->closed(now_, {"serial.closed", "The port is gone.", "Plug it in again.", 503}));
  EXPECT_EQ(status_.state, device_state::trouble);
  EXPECT_EQ(status_.text, "The port is gone.");
  EXPECT_TRUE(status_.details["weight"].is_null());
  pass(60s);
  EXPECT_EQ(status_.code, "ERROR_OFFLINE");
  EXPECT_LT(opens_.size(), 25u) << "it waits longer and longer";
  const auto kept = kept_.size();
  pass(60s);
  EXPECT_EQ(kept_.size(), kept);
  absent_ = false;
  pass(6s);
  EXPECT_EQ(status_.state, device_state::ready);
}

TEST_F(scale_core_test, a_question_without_an_answer_is_asked_again) {
  start();
  pass(200ms);
  const auto before = written_.size();
  plugged_ = false;
  pass(600ms);
  plugged_ = true;
  shows("02.000");
  pass(1s);
  EXPECT_GT(written_.size(), before);
  EXPECT_EQ(status_.text, "2.000 kg");
  EXPECT_EQ(opens_.size(), 1u) << "no need to open anew";
}

TEST_F(scale_core_test, it_is_asked_often_while_somebody_reads_and_seldom_otherwise) {
  start();
  pass(1s);
  const auto asks_in = [&](std::chrono::milliseconds span) {
    const auto before = written_.size();
    pass(span);
    return written_.size() - before;
  };
  const auto idle = asks_in(7s);
  EXPECT_NEAR(static_cast<double>(idle), 100, 3);
  const auto begun = ask("start_reading");
  ASSERT_NE(end_of(begun), nullptr);
  EXPECT_EQ(end_of(begun)->state, action_state::confirmed);
  EXPECT_NEAR(static_cast<double>(asks_in(1s)), 40, 3);
  ask("stop_reading");
  EXPECT_NEAR(static_cast<double>(asks_in(7s)), 100, 3);
  ask("start_reading");
  pass(11min);
  EXPECT_NEAR(static_cast<double>(asks_in(7s)), 100, 3) << "nobody reads for ever";
}

TEST_F(scale_core_test, read_once_waits_until_it_has_settled_and_takes_no_older_answer) {
  start();
  pass(200ms);
  answer_ = "\x02?A\r";
  const auto id = ask("read_once");
  EXPECT_EQ(end_of(id), nullptr) << "0.452 was there, but before the action";
  pass(1s);
  EXPECT_EQ(end_of(id), nullptr);
  shows("01.250");
  pass(100ms);
  ASSERT_NE(end_of(id), nullptr);
  EXPECT_EQ(end_of(id)->state, action_state::confirmed);
  EXPECT_EQ(end_of(id)->result["weight"], value(1.25));
  EXPECT_EQ(end_of(id)->text, "1.250 kg");
}

TEST_F(scale_core_test, read_once_of_a_moving_scale_fails_in_time) {
  start();
  answer_ = "\x02?A\r";
  pass(200ms);
  const auto id = ask("read_once");
  pass(6s);
  ASSERT_NE(end_of(id), nullptr);
  EXPECT_EQ(end_of(id)->state, action_state::failed);
  EXPECT_EQ(end_of(id)->code, "ERROR_MOVING");
}

TEST_F(scale_core_test, zero_is_done_or_said_why_not) {
  start();
  pass(200ms);
  const auto done = ask("zero");
  pass(300ms);
  ASSERT_NE(end_of(done), nullptr);
  EXPECT_EQ(end_of(done)->state, action_state::confirmed);
  EXPECT_EQ(marked_, std::vector<action_id>{done});
  zero_answer_ = "\x02?A\r";
  const auto moving = ask("zero");
  pass(300ms);
  EXPECT_EQ(end_of(moving)->code, "ERROR_MOVING");
  zero_answer_.clear();
  const auto silent = ask("zero");
  pass(7s);
  EXPECT_EQ(end_of(silent)->state, action_state::unknown);
}

TEST_F(scale_core_test, a_waiting_action_can_be_taken_back) {
  start();
  answer_ = "\x02?A\r";
  pass(200ms);
  const auto id = ask("read_once");
  take(made_->cancel(now_, id));
  ASSERT_NE(end_of(id), nullptr);
  EXPECT_EQ(end_of(id)->state, action_state::canceled);
  take(made_->cancel(now_, id));
  EXPECT_EQ(refused_, std::vector<action_id>{id});
}

TEST_F(scale_core_test, unknown_actions_and_too_many_are_refused) {
  start();
  answer_ = "\x02?A\r";
  pass(200ms);
  ask("dance");
  EXPECT_EQ(replies_.back().content.error().code, "action.unknown_action");
  for (std::size_t i = 0; i < waiting_readings_bound; ++i)
    ask("read_once");
  ask("read_once");
  EXPECT_EQ(replies_.back().content.error().code, "device.busy");
}

TEST_F(scale_core_test, what_an_earlier_life_left_is_ended) {
  action_record left;
  left.id = action_id("old");
  left.action = "read_once";
  action_record moved = left;
  moved.id = action_id("zeroed");
  moved.action = "zero";
  made_.emplace(scale::protocol_named("mettler_toledo_8217"), scale_times{});
  take(made_->restore(now_, {left}, {moved}));
  EXPECT_EQ(end_of(left.id)->state, action_state::failed);
  EXPECT_EQ(end_of(moved.id)->state, action_state::unknown);
}

TEST_F(scale_core_test, a_flickering_weight_is_told_live_and_not_kept) {
  start();
  pass(5s);
  const auto kept = kept_.size();
  const auto live = live_.size();
  for (int i = 0; i < 200; ++i) {
    shows(i % 2 == 0 ? "00.451" : "00.452");
    pass(100ms);
    if (i % 10 == 0) answer_ = "\x02?A\r";
    pass(100ms);
  }
  EXPECT_EQ(kept_.size(), kept);
  EXPECT_GT(live_.size(), live + 200);
  EXPECT_LE(noted_.size(), 6u);
}

TEST_F(scale_core_test, a_load_that_swings_about_the_limit_keeps_few_changes) {
  start();
  pass(5s);
  const auto kept = kept_.size();
  for (int i = 0; i < 100; ++i) {
    answer_ = i % 2 == 0 ? "\x02?B\r"
                         : "\x02"
                           "14.999\r";
    pass(100ms);
  }
  EXPECT_LE(kept_.size() - kept, 6u);
  EXPECT_GE(kept_.size() - kept, 1u);
  answer_ = "\x02?B\r";
  pass(3s);
  EXPECT_EQ(kept_.back().code, "ERROR_TOO_HEAVY") << "the last state is kept in the end";
}

TEST_F(scale_core_test, a_new_weight_that_stands_is_noted_once) {
  start();
  shows("00.000");
  pass(2s);
  EXPECT_TRUE(noted_.empty()) << "nothing is on it";
  shows("00.452");
  pass(3s);
  EXPECT_EQ(noted_, std::vector<std::string>{"0.452"});
  shows("00.000");
  pass(2s);
  shows("00.452");
  pass(2s);
  EXPECT_EQ(noted_.size(), 2u) << "another one of the same weight";
}

TEST_F(scale_core_test, a_value_that_holds_is_told_again_so_that_it_does_not_grow_old) {
  start();
  pass(5s);
  const auto live = live_.size();
  pass(60s);
  EXPECT_GE(live_.size() - live, 10u);
  EXPECT_LE(live_.size() - live, 14u);
}

TEST_F(scale_core_test, without_word_of_motion_a_weight_counts_once_it_stands) {
  question_ = "G\r\n";
  answer_ = "+  0.452 kg\r\n";
  start("adam");
  pass(100ms);
  EXPECT_EQ(status_.text, "Moving.");
  EXPECT_TRUE(status_.details["weight"].is_null());
  EXPECT_EQ(status_.details.text_or("text"), "0.452") << "what the display shows";
  pass(500ms);
  EXPECT_EQ(status_.state, device_state::ready);
  answer_ = "+  0.600 kg\r\n";
  const auto id = ask("read_once");
  pass(150ms);
  EXPECT_EQ(end_of(id), nullptr);
  pass(600ms);
  ASSERT_NE(end_of(id), nullptr);
  EXPECT_EQ(end_of(id)->result["weight"], value(0.6));
}

TEST_F(scale_core_test, net_weights_say_so) {
  shows("00.452N");
  start();
  pass(200ms);
  EXPECT_EQ(status_.text, "0.452 kg net");
  EXPECT_TRUE(*status_.details["net"].as_bool());
}

} // namespace
} // namespace troupe::box
