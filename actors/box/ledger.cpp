#include "actors/box/ledger.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "store/crash_point.hpp"
#include "store/ledger.hpp"

#include <caf/all.hpp>

#include <functional>
#include <stdexcept>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;

const runtime::logger log_("box.ledger");

/// Changes of one group; with more the group is committed and the next one begins.
constexpr std::size_t group_bound = 256;
constexpr auto upkeep_period = 60s;
/// A ledger that takes no changes is tried so often, with a setting that nobody reads.
constexpr auto retry_period = 1s;
constexpr std::string_view tried_setting = "ledger.tried";

/// The mailbox behind this message is empty of what came before: commit.
struct commit_group {
  static constexpr bool local_message = true;
};

/// One change that waits for its group: applied inside it, then told or refused after the commit.
struct change {
  std::function<std::function<void()>(store::ledger&)> apply;
  std::function<void(const fault&)> refuse;
};

/// A change of nothing: how far the server is goes to disk with any group.
change nothing_but_the_group() {
  return {[](store::ledger&) -> std::function<void()> { return [] {}; }, [](const fault&) {}};
}

using ledger_self =
    ledger_actor::extend<caf::reacts_to<commit_group>, caf::reacts_to<runtime::tick>>;

struct ledger_state {
  ledger_state() = default; // no aggregate: CAF would hand the actor to its first member
  static inline const char* name = "ledger";

  ledger_self::stateful_pointer<ledger_state> self = nullptr;
  std::unique_ptr<store::ledger> store;
  store::prune_limits prune;
  std::vector<change> group;
  bool commit_asked = false;
  bool changed_since_upkeep = true;
  std::optional<std::uint64_t> forwarded; ///< the server has what is up to here; none: no server
  bool forwarded_moved = false;           ///< and that is not on disk yet
  std::optional<fault> trouble;           ///< why nothing can be written
  runtime::timer upkeep{1};
  runtime::timer again{2};
  runtime::limit* actions = nullptr;
  runtime::limit* payload_bytes = nullptr;
  runtime::limit* events = nullptr;
  runtime::limit* unfinished = nullptr;
  runtime::histogram* commit_seconds = nullptr;
  runtime::gauge* writable = nullptr;

  void add(change wanted);
  void commit();
  result<store::pruned> prune_in_group();
  void keep_up();
  void show_fill();
  void notice(fault problem);
  void note_well();
  std::optional<fault> try_to_write();
  std::optional<fault> look();
};

void ledger_state::add(change wanted) {
  group.push_back(std::move(wanted));
  if (group.size() >= group_bound) return commit();
  if (std::exchange(commit_asked, true)) return;
  self->send(self, commit_group{});
}

/// Brings the group to disk, then tells everybody who waits for it.
void ledger_state::commit() {
  if (group.empty()) return;
  auto changes = std::move(group);
  group.clear();
  changed_since_upkeep = true;
  const auto begun = std::chrono::steady_clock::now();
  std::vector<std::function<void()>> told;
  told.reserve(changes.size());
  auto problem = store->begin();
  const bool forwards = std::exchange(forwarded_moved, false);
  if (!problem && forwards) problem = store->set_forwarded(forwarded);
  if (!problem) {
    for (const auto& each : changes)
      told.push_back(each.apply(*store));
    problem = store->commit();
  }
  if (problem) {
    log_.error("{} changes could not be written: {}", changes.size(), problem->text);
    forwarded_moved = forwarded_moved || forwards;
    for (const auto& each : changes)
      each.refuse(*problem);
    return notice(std::move(*problem));
  }
  note_well();
  commit_seconds->observe(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
  for (const auto& tell : told)
    tell();
  show_fill();
}

void ledger_state::show_fill() {
  const auto size = store->size();
  actions->set_fill(size.actions);
  payload_bytes->set_fill(size.payload_bytes);
  events->set_fill(size.events);
  unfinished->set_fill(size.unfinished);
}

void ledger_state::notice(fault problem) {
  if (!trouble) log_.error("Nothing can be written: {} {}", problem.text, problem.remedy);
  trouble = std::move(problem);
  writable->set(0);
  if (!again.armed()) again.arm(self, retry_period);
}

void ledger_state::note_well() {
  if (!trouble) return;
  trouble.reset();
  writable->set(1);
  log_.info("The ledger takes changes again.");
}

std::optional<fault> ledger_state::try_to_write() {
  auto problem = store->begin();
  if (!problem) problem = store->put(tried_setting, "true");
  if (!problem) problem = store->commit();
  store->rollback();
  return problem;
}

std::optional<fault> ledger_state::look() {
  commit();
  if (!trouble)
    if (auto problem = store->moved()) notice(std::move(*problem));
  return trouble;
}

/// Deletes what is too old or too much, in a group of its own.
result<store::pruned> ledger_state::prune_in_group() {
  if (auto problem = store->begin()) return std::move(*problem);
  auto done = store->prune(runtime::wall_now(self), prune);
  if (!done) {
    store->rollback();
    return done;
  }
  if (auto problem = store->commit()) return std::move(*problem);
  return done;
}

/// Prunes and tidies in small steps, only after something changed.
void ledger_state::keep_up() {
  if (forwarded_moved && group.empty()) group.push_back(nothing_but_the_group());
  static_cast<void>(look());
  auto next = upkeep_period;
  if (changed_since_upkeep) {
    changed_since_upkeep = false;
    const auto done = prune_in_group();
    if (!done)
      log_.warning("Old entries could not be deleted: {}", done.error().text);
    else if (done->more) {
      changed_since_upkeep = true;
      next = 1s;
    }
    if (store->checkpoint_due())
      if (const auto problem = store->checkpoint())
        log_.warning("The ledger's file could not be tidied: {}", problem->text);
    show_fill();
  }
  upkeep.arm(self, next);
}

using self_pointer = ledger_self::stateful_pointer<ledger_state>;

/// Queues a change; its answer is delivered when the group is on disk.
template <class T, class Operation>
caf::result<T> changed(self_pointer self, Operation operation) {
  auto promise = self->make_response_promise<T>();
  self->state.add(
      {[operation = std::move(operation), promise](store::ledger& store) -> std::function<void()> {
         auto outcome = std::make_shared<result<T>>(operation(store));
         return [outcome, promise]() mutable {
           if (*outcome)
             promise.deliver(*std::move(*outcome));
           else
             promise.deliver(runtime::to_error(outcome->error()));
         };
       },
       [promise](const fault& problem) mutable { promise.deliver(runtime::to_error(problem)); }});
  return promise;
}

result<action_record> finished(store::ledger& store, const finish_action& wanted, time_point now) {
  if (wanted.state == action_state::canceled) return store.cancel(wanted.id, wanted.text, now);
  return store.finish(wanted.id, wanted.state, wanted.code, wanted.text, now,
                      store::first_byte::perhaps_out, wanted.result);
}

result<unfinished_actions> unfinished_of(store::ledger& store, const device_id& device,
                                         time_point now) {
  unfinished_actions out;
  for (std::uint64_t after = 0;;) {
    auto pending = store.pending(device, now, store::ledger::list_limit, after);
    if (!pending) return pending.error();
    for (auto& each : pending->ready)
      out.accepted.push_back({std::move(each.record),
                              std::make_shared<const action_request>(std::move(each.request))});
    for (const auto& each : pending->broken)
      log_.error("Action {} cannot be read any more and has failed.", each.id.text);
    if (!pending->more) break;
    after = pending->last;
  }
  auto sent = store.list({device, action_state::sent, 0, store::ledger::list_limit});
  if (!sent) return sent.error();
  out.sent.assign(sent->rbegin(), sent->rend());
  return out;
}

result<action_page> page_of(store::ledger& store, const list_actions& wanted) {
  const auto limit = std::clamp<std::uint32_t>(wanted.limit, 1, 500);
  auto found = store.list({wanted.device, wanted.state, wanted.before, limit});
  if (!found) return found.error();
  action_page page{std::move(*found), 0};
  if (page.actions.size() == limit) page.next = page.actions.back().number;
  return page;
}

result<action_record> record_of(store::ledger& store, const action_id& id) {
  auto found = store.find(id);
  if (!found) return found.error();
  if (*found) return std::move(**found);
  return fault{"action.unknown", "This box knows no action \"" + id.text + "\".",
               "It may have been pruned; look at the list of actions.", 404};
}

void open_store(self_pointer self, const services& shared, const opened_store& given) {
  if (given && *given) {
    self->state.store = std::move(*given);
    return;
  }
  auto opened =
      store::ledger::open(shared.state_folder, {.database = {}, .program_version = shared.version});
  if (!opened) throw std::runtime_error(opened.error().text + " " + opened.error().remedy);
  self->state.store = std::move(*opened);
}

void declare_limits(ledger_state& state, const services& shared, const ledger_limits& limits) {
  using policy = runtime::limit_policy;
  auto& declared = shared.limits;
  state.prune.age = limits.longest_age;
  state.prune.actions = limits.actions;
  state.prune.events = limits.events;
  state.prune.payload_bytes = limits.payload_bytes;
  state.prune.buffer_events = limits.buffer_events;
  state.prune.buffer_age = limits.buffer_age;
  state.forwarded = state.store->forwarded();
  state.actions =
      &declared.declare("ledger.actions", "actions", limits.actions, policy::drop_oldest);
  state.events = &declared.declare("ledger.events", "events", limits.events, policy::drop_oldest);
  state.payload_bytes =
      &declared.declare("ledger.documents", "bytes", limits.payload_bytes, policy::drop_oldest);
  state.unfinished = &declared.declare("ledger.unfinished", "actions",
                                       store::ledger::unfinished_limit, policy::refuse);
  state.commit_seconds = &shared.metrics.spread("troupe_ledger_commit_seconds",
                                                "Time of one group commit of the ledger.");
  state.writable =
      &shared.metrics.measure("troupe_ledger_writable", "1 while the ledger takes changes.");
  state.writable->set(1);
}

ledger_self::behavior_type ledger(self_pointer self, const services* shared, ledger_limits limits,
                                  opened_store opened) {
  runtime::prepare(self, "ledger");
  auto& mine = self->state;
  mine.self = self;
  open_store(self, *shared, opened);
  declare_limits(mine, *shared, limits);
  mine.show_fill();
  self->set_exit_handler([self](caf::exit_msg& stop) {
    auto& state = self->state;
    if (state.forwarded_moved) state.group.push_back(nothing_but_the_group());
    state.commit();
    self->quit(std::move(stop.reason));
  });
  mine.upkeep.arm(self, upkeep_period);
  const auto now = [self] { return runtime::wall_now(self); };
  // A read sees every change that was asked before it.
  const auto reading = [self]() -> store::ledger& {
    self->state.commit();
    return *self->state.store;
  };
  return {
      [self, now](const accept_action& wanted) -> caf::result<action_accepted> {
        return changed<action_accepted>(self,
                                        [request = wanted.request, now](store::ledger& store) {
                                          return store.accept(*request, now(), request->repeats);
                                        });
      },
      [self, now](const mark_sent& wanted) -> caf::result<action_record> {
        return changed<action_record>(self, [id = wanted.id, now](store::ledger& store) {
          return store.mark_sent(id, now());
        });
      },
      [self, now](const finish_action& wanted) -> caf::result<action_record> {
        return changed<action_record>(
            self, [wanted, now](store::ledger& store) { return finished(store, wanted, now()); });
      },
      [self, now](const confirm_by_hand& wanted) -> caf::result<action_record> {
        return changed<action_record>(self, [id = wanted.id, now](store::ledger& store) {
          return store.confirm_by_hand(id, now());
        });
      },
      [reading, now](const get_unfinished& wanted) {
        return runtime::to_answer(unfinished_of(reading(), wanted.device, now()));
      },
      [reading](const get_action& wanted) {
        return runtime::to_answer(record_of(reading(), wanted.id));
      },
      [reading](const load_request& wanted) -> caf::result<std::shared_ptr<const action_request>> {
        auto found = reading().load_request(wanted.id);
        if (!found) return runtime::to_error(found.error());
        return std::make_shared<const action_request>(std::move(*found));
      },
      [reading](const list_actions& wanted) {
        return runtime::to_answer(page_of(reading(), wanted));
      },
      [reading](const find_action& wanted) {
        return runtime::to_answer(reading().find_key(wanted.device, wanted.key));
      },
      [self](const note_forwarded& noted) {
        auto& state = self->state;
        state.forwarded = noted.sequence;
        state.forwarded_moved = true;
        // An acknowledgement alone is not worth a sync; that there is a server (or none) is.
        if (state.store->forwarded().has_value() != noted.sequence.has_value())
          state.add(nothing_but_the_group());
      },
      [self, reading](const get_buffer&) -> caf::result<event_buffer> {
        auto& state = self->state;
        event_buffer out{state.forwarded, 0, state.prune.buffer_events, state.prune.buffer_age};
        if (!out.forwarded) return out;
        const auto waiting = reading().count_events_after(*out.forwarded);
        if (!waiting) return runtime::to_error(waiting.error());
        out.waiting = *waiting;
        return out;
      },
      [self](const append_events& wanted) -> caf::result<std::uint64_t> {
        return changed<std::uint64_t>(
            self, [events = wanted.events](store::ledger& store) -> result<std::uint64_t> {
              store::crash_point("event.before_append");
              for (const auto& each : events)
                if (auto problem = store.append(*each)) return std::move(*problem);
              return events.empty() ? std::uint64_t{0} : events.back()->sequence;
            });
      },
      [reading](const read_events& wanted) -> caf::result<event_batch> {
        auto& store = reading();
        auto found = store.read_events(wanted.after, wanted.limit);
        if (!found) return runtime::to_error(found.error());
        return event_batch{std::move(*found), store.oldest_sequence(), store.last_sequence()};
      },
      [reading](const get_untold&) -> caf::result<untold_actions> {
        auto found = reading().untold();
        if (!found) return runtime::to_error(found.error());
        return untold_actions{std::move(*found)};
      },
      [self](const reserve_sequences& wanted) -> caf::result<sequence_range> {
        return changed<sequence_range>(
            self, [count = wanted.count](store::ledger& store) -> result<sequence_range> {
              const auto first = store.reserve_sequences(count);
              if (!first) return first.error();
              return sequence_range{*first, count};
            });
      },
      [self](const put_setting& wanted) -> caf::result<bool> {
        return changed<bool>(self, [wanted](store::ledger& store) -> result<bool> {
          auto problem =
              wanted.json.empty() ? store.remove(wanted.name) : store.put(wanted.name, wanted.json);
          if (problem) return std::move(*problem);
          return true;
        });
      },
      [reading](const get_settings& wanted) -> caf::result<setting_list> {
        auto found = reading().all(wanted.prefix);
        if (!found) return runtime::to_error(found.error());
        return setting_list{std::move(*found)};
      },
      [self](const check_ledger&) -> caf::result<bool> {
        if (const auto problem = self->state.look()) return runtime::to_error(*problem);
        return true;
      },
      [self](const commit_group&) {
        self->state.commit_asked = false;
        self->state.commit();
      },
      [self](const runtime::tick& tick) {
        auto& state = self->state;
        if (state.upkeep.due(self, tick)) state.keep_up();
        if (!state.again.due(self, tick)) return;
        if (auto problem = state.try_to_write())
          state.notice(std::move(*problem));
        else
          state.note_well();
      },
  };
}

} // namespace

ledger_actor spawn_ledger(caf::actor_system& system, const services& shared, ledger_limits limits,
                          opened_store opened, bool detached) {
  return detached
             ? ledger_actor(system.spawn<caf::detached>(ledger, &shared, limits, std::move(opened)))
             : ledger_actor(system.spawn(ledger, &shared, limits, std::move(opened)));
}

} // namespace troupe::box
