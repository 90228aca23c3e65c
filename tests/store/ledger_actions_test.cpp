#include "store/transitions.hpp"
#include "tests/store/store_fixture.hpp"

#include <sqlite3.h>

namespace troupe::store {
namespace {

using s = action_state;
constexpr std::array all_states{s::accepted, s::sent,    s::confirmed,
                                s::failed,   s::unknown, s::canceled};

TEST(transitions, only_these_are_possible) {
  const std::vector<std::pair<s, s>> possible{{s::accepted, s::sent},     {s::accepted, s::failed},
                                              {s::accepted, s::canceled}, {s::sent, s::confirmed},
                                              {s::sent, s::failed},       {s::sent, s::unknown}};
  for (const auto from : all_states)
    for (const auto to : all_states) {
      const bool listed =
          std::find(possible.begin(), possible.end(), std::pair(from, to)) != possible.end();
      EXPECT_EQ(may_become(from, to), listed) << name_of(from) << " -> " << name_of(to);
    }
}

TEST(transitions, a_key_is_released_only_when_nothing_can_have_printed) {
  for (const auto state : all_states) {
    EXPECT_FALSE(releases_key(state, true)) << name_of(state);
    EXPECT_EQ(releases_key(state, false), state == s::failed || state == s::canceled)
        << name_of(state);
  }
}

class ledger_actions : public testing::Test {
protected:
  temporary_folder folder;
  std::unique_ptr<ledger> book = open_ledger(folder.path());
  void reopen() {
    book.reset();
    book = open_ledger(folder.path());
  }
  action_record found(const action_id& id) {
    const auto record = book->find(id);
    EXPECT_TRUE(record && *record);
    return record && *record ? **record : action_record{};
  }
  // Brings a fresh action to a state by allowed steps.
  action_id in_state(s state, std::string key = "") {
    const auto id = accept_one(*book, make_request(std::move(key))).id;
    in_group(*book, [&] {
      if (state == s::canceled) {
        EXPECT_TRUE(book->cancel(id, "taken back", start_of_2026));
        return true;
      }
      if (state != s::accepted) {
        EXPECT_TRUE(book->mark_sent(id, start_of_2026));
      }
      if (is_final(state)) {
        EXPECT_TRUE(book->finish(id, state, "CODE", "text", start_of_2026));
      }
      return true;
    });
    return id;
  }
};

TEST_F(ledger_actions, an_accepted_action_is_there_after_a_restart_with_all_it_had) {
  const auto request = make_request("till/1", 5000);
  const auto record = accept_one(*book, request);
  EXPECT_EQ(record.number, 1u);
  EXPECT_FALSE(record.id.empty());
  reopen();
  const auto kept = found(record.id);
  EXPECT_EQ(kept.number, 1u);
  EXPECT_EQ(kept.key, "till/1");
  EXPECT_EQ(kept.device, request.device);
  EXPECT_EQ(kept.action, "print_receipt");
  EXPECT_EQ(kept.state, s::accepted);
  EXPECT_EQ(kept.session, request.session);
  EXPECT_EQ(kept.origin, request.origin);
  EXPECT_EQ(kept.trace, request.trace);
  EXPECT_EQ(kept.accepted, start_of_2026);
  EXPECT_GT(kept.payload_bytes, 5000u);
  EXPECT_TRUE(kept.repeatable);
  const auto waits = book->pending(request.device, start_of_2026);
  ASSERT_TRUE(waits);
  ASSERT_EQ(waits->ready.size(), 1u);
  EXPECT_EQ(waits->ready[0].request.id, record.id);
  EXPECT_EQ(std::get<printing::picture>(waits->ready[0].request.document.operations[0]).encoded,
            std::get<printing::picture>(request.document.operations[0]).encoded);
}

TEST_F(ledger_actions, every_transition_is_taken_or_refused_and_survives_a_restart) {
  for (const auto from : all_states)
    for (const auto to : all_states) {
      const auto id = in_state(from);
      ASSERT_FALSE(book->begin());
      const auto outcome = to == s::sent       ? book->mark_sent(id, start_of_2026)
                           : to == s::canceled ? book->cancel(id, "", start_of_2026)
                                               : book->finish(id, to, "C", "T", start_of_2026);
      ASSERT_FALSE(book->commit());
      const bool possible = may_become(from, to);
      EXPECT_EQ(static_cast<bool>(outcome), possible) << name_of(from) << " -> " << name_of(to);
      if (!possible) {
        EXPECT_EQ(outcome.error().code, "action.impossible");
        EXPECT_EQ(outcome.error().status, 409);
      }
      EXPECT_EQ(found(id).state, possible ? to : from);
    }
  const auto unfinished = book->size().unfinished;
  reopen();
  EXPECT_EQ(book->size().unfinished, unfinished);
}

TEST_F(ledger_actions, what_an_action_found_out_is_kept_with_its_end) {
  const auto id = in_state(s::sent);
  EXPECT_TRUE(found(id).result.is_null());
  const value weight = value::object{{"weight", 0.452}, {"unit", "kg"}};
  const auto ended = in_group(*book, [&] {
    return book->finish(id, s::confirmed, "", "0.452 kg", start_of_2026, first_byte::perhaps_out,
                        weight);
  });
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->result, weight);
  reopen();
  EXPECT_EQ(found(id).result, weight);
}

TEST_F(ledger_actions, only_an_unknown_end_is_confirmed_by_hand) {
  for (const auto from : all_states) {
    const auto id = in_state(from);
    const auto outcome = in_group(*book, [&] { return book->confirm_by_hand(id, start_of_2026); });
    EXPECT_EQ(static_cast<bool>(outcome), from == s::unknown) << name_of(from);
    if (from == s::unknown) {
      EXPECT_EQ(found(id).state, s::confirmed);
    }
    if (!outcome) {
      EXPECT_EQ(outcome.error().code, "action.not_unknown");
    }
  }
}

TEST_F(ledger_actions, the_same_key_gets_the_first_answer_in_every_state_and_after_a_restart) {
  for (const auto state : {s::accepted, s::sent, s::confirmed, s::failed, s::unknown}) {
    const auto key = "key-" + std::string(name_of(state));
    const auto id = in_state(state, key);
    reopen();
    const auto again =
        in_group(*book, [&, key = key] { return book->accept(make_request(key), start_of_2026); });
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->duplicate) << name_of(state);
    EXPECT_EQ(again->record.id, id);
    EXPECT_EQ(again->record.state, state);
  }
}

TEST_F(ledger_actions, a_key_starts_a_new_attempt_when_no_byte_of_the_first_went_out) {
  const auto canceled = in_state(s::canceled, "a");
  const auto refused = accept_one(*book, make_request("b")).id;
  EXPECT_TRUE(
      in_group(*book, [&] { return book->finish(refused, s::failed, "", "", start_of_2026); }));
  const auto unreachable = accept_one(*book, make_request("c")).id;
  end_as(*book, unreachable, s::failed, start_of_2026, first_byte::not_out);
  reopen();
  for (const auto& [key, first] : {std::pair{"a", canceled}, {"b", refused}, {"c", unreachable}}) {
    const auto second = accept_one(*book, make_request(key));
    EXPECT_NE(second.id, first) << key;
    EXPECT_EQ(found(first).key, key) << "the first attempt stays in the history";
    const auto third =
        in_group(*book, [&, key = key] { return book->accept(make_request(key), start_of_2026); });
    ASSERT_TRUE(third);
    EXPECT_TRUE(third->duplicate) << "the second attempt holds the key again";
    EXPECT_EQ(third->record.id, second.id);
    const auto newest = book->find_key(device_id("counter"), key);
    ASSERT_TRUE(newest && *newest);
    EXPECT_EQ((*newest)->id, second.id);
  }
}

TEST_F(ledger_actions, keys_are_of_one_device_and_empty_keys_are_no_keys) {
  const auto here = accept_one(*book, make_request("k"));
  const auto there = accept_one(*book, make_request("k", 10, "kitchen"));
  EXPECT_NE(here.id, there.id);
  EXPECT_NE(accept_one(*book, make_request("")).id, accept_one(*book, make_request("")).id);
  const auto none = book->find_key(device_id("counter"), "");
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
}

TEST_F(ledger_actions, two_of_a_key_in_one_group_are_one_action) {
  ASSERT_FALSE(book->begin());
  const auto first = book->accept(make_request("k"), start_of_2026);
  const auto second = book->accept(make_request("k"), start_of_2026);
  ASSERT_FALSE(book->commit());
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(first->duplicate);
  EXPECT_TRUE(second->duplicate);
  EXPECT_EQ(first->record.id, second->record.id);
}

TEST_F(ledger_actions, the_same_identifier_is_the_same_action) {
  auto request = make_request("");
  request.id = new_action_id();
  EXPECT_EQ(accept_one(*book, request).id, request.id);
  const auto again = in_group(*book, [&] { return book->accept(request, start_of_2026); });
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->duplicate);
}

TEST_F(ledger_actions, bounds_are_refused_in_words) {
  ASSERT_FALSE(book->begin());
  const auto longest = book->accept(make_request(std::string(ledger::key_limit, 'k')), {});
  EXPECT_TRUE(longest);
  const auto too_long = book->accept(make_request(std::string(ledger::key_limit + 1, 'k')), {});
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().code, "action.bad_key");
  const auto too_large = book->accept(make_request("l", ledger::payload_limit), {});
  ASSERT_FALSE(too_large);
  EXPECT_EQ(too_large.error().code, "action.too_large");
  for (auto room = ledger::unfinished_limit - 1; room > 0; --room)
    ASSERT_TRUE(book->accept(make_request("", 1), start_of_2026));
  const auto too_many = book->accept(make_request("", 1), start_of_2026);
  ASSERT_FALSE(too_many);
  EXPECT_EQ(too_many.error().code, "action.too_many_waiting");
  const auto known = book->accept(make_request(std::string(ledger::key_limit, 'k')), start_of_2026);
  EXPECT_TRUE(known && known->duplicate) << "a known key is answered even then";
  ASSERT_FALSE(book->commit()) << "refusals do not lose the group";
  EXPECT_EQ(book->size().unfinished, ledger::unfinished_limit);
}

TEST_F(ledger_actions, changes_outside_of_a_group_are_refused) {
  const auto id = in_state(s::accepted);
  EXPECT_EQ(book->accept(make_request("x"), start_of_2026).error().code, "ledger.no_group");
  EXPECT_EQ(book->mark_sent(id, start_of_2026).error().code, "ledger.no_group");
  EXPECT_EQ(book->put("a", "1")->code, "ledger.no_group");
  EXPECT_EQ(book->commit()->code, "ledger.no_group");
  ASSERT_FALSE(book->begin());
  EXPECT_EQ(book->begin()->code, "ledger.group_open");
}

TEST_F(ledger_actions, a_rolled_back_group_leaves_nothing) {
  ASSERT_FALSE(book->begin());
  ASSERT_TRUE(book->accept(make_request("k"), start_of_2026));
  book->rollback();
  EXPECT_EQ(book->size().actions, 0u);
  EXPECT_EQ(book->size().payload_bytes, 0u);
  EXPECT_EQ(accept_one(*book, make_request("k")).number, 1u);
}

TEST_F(ledger_actions, interrupted_are_those_sent_when_opened) {
  const auto sent = in_state(s::sent);
  const auto waiting = in_state(s::accepted);
  in_state(s::confirmed);
  EXPECT_TRUE(book->interrupted()->empty());
  reopen();
  EXPECT_TRUE(in_group(*book, [&] { return book->mark_sent(waiting, start_of_2026); }));
  const auto cut_off = book->interrupted();
  ASSERT_TRUE(cut_off);
  ASSERT_EQ(cut_off->size(), 1u);
  EXPECT_EQ(cut_off->front().id, sent);
  EXPECT_TRUE(
      in_group(*book, [&] { return book->finish(sent, s::unknown, "", "", start_of_2026); }));
  EXPECT_TRUE(book->interrupted()->empty());
}

TEST_F(ledger_actions, pending_comes_in_order_and_only_for_its_device) {
  std::vector<action_id> mine;
  for (int i = 0; i < 5; ++i) {
    mine.push_back(accept_one(*book, make_request("", 10)).id);
    accept_one(*book, make_request("", 10, "kitchen"));
  }
  const auto first = book->pending(device_id("counter"), start_of_2026, 3);
  ASSERT_EQ(first->ready.size(), 3u);
  const auto rest =
      book->pending(device_id("counter"), start_of_2026, 3, first->ready.back().record.number);
  ASSERT_EQ(rest->ready.size(), 2u);
  for (std::size_t i = 0; i < 5; ++i)
    EXPECT_EQ((i < 3 ? first->ready[i] : rest->ready[i - 3]).record.id, mine[i]);
  const auto all = book->pending({}, start_of_2026);
  EXPECT_EQ(all->ready.size(), 10u);
  EXPECT_FALSE(all->more);
  EXPECT_TRUE(first->more);
}

TEST_F(ledger_actions, pending_gives_large_documents_in_parts) {
  for (int i = 0; i < 5; ++i)
    accept_one(*book, make_request("", 10u << 20));
  const auto first = book->pending({}, start_of_2026);
  EXPECT_EQ(first->ready.size(), 4u);
  EXPECT_TRUE(first->more);
  const auto rest = book->pending({}, start_of_2026, 64, first->last);
  EXPECT_EQ(rest->ready.size(), 1u);
  EXPECT_FALSE(rest->more);
}

TEST_F(ledger_actions, list_filters_and_pages_newest_first) {
  for (int i = 0; i < 3; ++i)
    for (const auto state : all_states)
      in_state(state);
  accept_one(*book, make_request("", 10, "kitchen"));
  for (const auto state : all_states) {
    const auto found = book->list({device_id("counter"), state, 0, 50});
    ASSERT_EQ(found->size(), 3u) << name_of(state);
    EXPECT_GT(found->front().number, found->back().number);
    for (const auto& record : *found)
      EXPECT_EQ(record.state, state);
  }
  EXPECT_EQ(book->list({{}, s::accepted, 0, 50})->size(), 4u);
  const auto newest = book->list({{}, {}, 0, 7});
  ASSERT_EQ(newest->size(), 7u);
  EXPECT_EQ(newest->front().number, 19u);
  EXPECT_EQ(book->list({{}, {}, newest->back().number, 50})->size(), 12u);
  EXPECT_EQ(book->list({device_id("nobody"), {}, 0, 50})->size(), 0u);
}

TEST_F(ledger_actions, print_again_names_what_it_repeats) {
  const auto first = in_state(s::unknown);
  auto request = book->load_request(first);
  ASSERT_TRUE(request);
  request->id = {};
  request->key = {};
  const auto again = in_group(*book, [&] { return book->accept(*request, start_of_2026, first); });
  ASSERT_TRUE(again);
  EXPECT_EQ(found(again->record.id).repeats, first);
  EXPECT_EQ(book->load_request(action_id("nobody")).error().code, "action.not_found");
}

TEST_F(ledger_actions, a_broken_payload_fails_its_action_and_stops_no_other) {
  const auto rotten = accept_one(*book, make_request("a", 3000)).id;
  const auto good = accept_one(*book, make_request("b", 3000)).id;
  const auto empty = accept_one(*book, make_request("c", 3000)).id;
  book.reset();
  sqlite3* file = nullptr;
  ASSERT_EQ(sqlite3_open((folder / "ledger.db").c_str(), &file), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(file,
                         "UPDATE payloads SET content = zeroblob(length(content)) WHERE number = 1;"
                         "DELETE FROM payloads WHERE number = 3",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(file);
  book = open_ledger(folder.path());
  const auto waits = book->pending({}, start_of_2026);
  ASSERT_TRUE(waits);
  ASSERT_EQ(waits->ready.size(), 1u);
  EXPECT_EQ(waits->ready[0].record.id, good);
  ASSERT_EQ(waits->broken.size(), 2u);
  EXPECT_EQ(waits->broken[0].id, rotten);
  EXPECT_EQ(waits->broken[0].state, s::failed);
  EXPECT_FALSE(waits->broken[0].text.empty());
  EXPECT_EQ(book->load_request(empty).error().code, "action.payload_broken");
  reopen();
  EXPECT_EQ(found(rotten).state, s::failed);
  EXPECT_EQ(book->pending({}, start_of_2026)->broken.size(), 0u);
}

} // namespace
} // namespace troupe::store
