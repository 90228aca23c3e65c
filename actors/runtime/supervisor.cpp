#include "actors/runtime/supervisor.hpp"

#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <deque>
#include <exception>
#include <map>
#include <random>

namespace troupe::runtime {

namespace {

/// A wait of the core is over.
struct child_wait {
  static constexpr bool local_message = true;
  std::string id;
  std::uint64_t generation = 0;
};

using supervisor_self = supervisor_actor::extend<caf::reacts_to<child_wait>>;

/// Carries the core's effects out. Effects may bring new events (a start that throws), so both go
/// through one queue.
class supervisor_state {
public:
  using pointer = supervisor_self::stateful_pointer<supervisor_state>;

  explicit supervisor_state(pointer self)
      : self_(self), core_({}, {}, {}, 0), log_("runtime.supervisor") {}
  ~supervisor_state() {
    for (const auto& [id, entry] : entries_)
      kill(entry);
  }

  void set_up(supervisor_options options);
  caf::result<caf::actor> add(child_spec spec);
  caf::result<bool> remove(const std::string& id);
  caf::result<caf::actor> find(const std::string& id) const;
  bool retry(const std::string& id);
  children_status status() const;
  void on_wait(const child_wait& wait) {
    carry_out(core_.waited(wait.id, wait.generation, now(self_)));
  }
  void on_down(const caf::down_msg& message);
  void on_exit(const caf::error& reason);

private:
  struct entry {
    child_spec spec;
    caf::actor handle;
    std::vector<caf::typed_response_promise<bool>> removals{};
  };

  static void kill(const entry& which);
  void carry_out(supervisor_core::effects effects);
  void perform(const supervisor_core::start_child& effect);
  void perform(const supervisor_core::stop_child& effect);
  void perform(const supervisor_core::kill_child& effect);
  void perform(const supervisor_core::forget_child& effect);
  void perform(const supervisor_core::wait& effect);
  void perform(const supervisor_core::finish& effect);
  void note_failure(const std::string& id, const std::string& reason);
  void tell(const std::string& id, const caf::actor& handle, std::string reason) const;

  pointer self_;
  supervisor_core core_;
  supervisor_options options_;
  std::map<std::string, entry, std::less<>> entries_;
  std::deque<supervisor_core::effect> pending_;
  bool carrying_out_ = false;
  logger log_;
};

std::uint64_t seed_of(const supervisor_options& options) {
  return options.seed ? *options.seed : std::random_device{}();
}

void supervisor_state::set_up(supervisor_options options) {
  options_ = std::move(options);
  core_ = supervisor_core(options_.strategy, options_.limits, options_.when_exceeded,
                          seed_of(options_));
  for (auto& spec : std::exchange(options_.children, {})) {
    const auto result = add(std::move(spec));
    if (result.flag == caf::rt_error)
      log_.error("{}: a child could not be added: {}", options_.name, to_text(result.err));
  }
}

caf::result<caf::actor> supervisor_state::add(child_spec spec) {
  if (core_.stopping())
    return to_error({"supervisor.stopping", options_.name + " is being stopped.", "", 503});
  if (entries_.contains(spec.id))
    return to_error({"supervisor.id_taken", "There already is a " + spec.id + ".", "", 409});
  const auto id = spec.id;
  supervisor_core::definition what{id, spec.restart, spec.grace};
  entries_.emplace(id, entry{std::move(spec), nullptr});
  carry_out(core_.add(std::move(what), now(self_)));
  return find(id);
}

caf::result<bool> supervisor_state::remove(const std::string& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return false;
  auto promise = self_->make_response_promise<bool>();
  found->second.removals.push_back(promise);
  carry_out(core_.remove(id, now(self_)));
  return promise;
}

caf::result<caf::actor> supervisor_state::find(const std::string& id) const {
  const auto found = entries_.find(id);
  if (found == entries_.end())
    return to_error({"supervisor.no_such_child", "There is no " + id + ".", "", 404});
  if (found->second.handle) return found->second.handle;
  const auto* child = core_.find(id);
  std::string text = id + " is not running";
  if (child != nullptr && !child->last_reason.empty()) text += ": " + child->last_reason;
  return to_error({"supervisor.child_down", text + ".", "It is started again by itself.", 503});
}

bool supervisor_state::retry(const std::string& id) {
  if (core_.find(id) == nullptr) return false;
  carry_out(core_.retry(id, now(self_)));
  return true;
}

children_status supervisor_state::status() const {
  children_status out;
  const auto monotonic = now(self_);
  const auto wall = wall_now(self_);
  for (const auto& each : core_.children())
    out.children.push_back(
        {each.what.id, each.phase, each.restarts, each.last_reason,
         wall - std::chrono::duration_cast<std::chrono::microseconds>(monotonic - each.since)});
  return out;
}

void supervisor_state::on_down(const caf::down_msg& message) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const auto& each) {
    return each.second.handle && each.second.handle.address() == message.source;
  });
  if (found == entries_.end()) return;
  const auto id = found->first;
  found->second.handle = nullptr;
  const bool orderly = is_orderly(message.reason);
  const auto reason = orderly ? std::string() : to_text(message.reason);
  auto effects = core_.ended(id, reason, orderly, now(self_));
  if (!orderly) note_failure(id, reason);
  tell(id, nullptr, reason);
  carry_out(std::move(effects));
}

void supervisor_state::on_exit(const caf::error& reason) {
  carry_out(core_.stop(is_orderly(reason) ? std::string() : to_text(reason), now(self_)));
}

void supervisor_state::note_failure(const std::string& id, const std::string& reason) {
  const auto* child = core_.find(id);
  const auto phase = child == nullptr ? child_phase::stopped : child->phase;
  log_.warning("{}: {} failed ({}), now {}", options_.name, id, reason, name_of(phase));
}

void supervisor_state::tell(const std::string& id, const caf::actor& handle,
                            std::string reason) const {
  if (!options_.observer) return;
  const auto* child = core_.find(id);
  const auto phase = child == nullptr ? child_phase::stopped : child->phase;
  options_.observer({id, phase, std::move(reason), handle});
}

void supervisor_state::carry_out(supervisor_core::effects effects) {
  pending_.insert(pending_.end(), std::make_move_iterator(effects.begin()),
                  std::make_move_iterator(effects.end()));
  if (std::exchange(carrying_out_, true)) return;
  while (!pending_.empty()) {
    const auto next = std::move(pending_.front());
    pending_.pop_front();
    std::visit([this](const auto& effect) { perform(effect); }, next);
  }
  carrying_out_ = false;
}

void supervisor_state::perform(const supervisor_core::start_child& effect) {
  auto& which = entries_.find(effect.id)->second;
  std::string problem;
  try {
    which.handle = which.spec.start(self_->home_system());
    if (!which.handle) problem = "it could not be started";
  } catch (const std::exception& error) {
    problem = error.what();
  }
  if (problem.empty()) {
    self_->monitor(which.handle);
    tell(effect.id, which.handle, {});
    return;
  }
  auto effects = core_.ended(effect.id, problem, false, now(self_));
  note_failure(effect.id, problem);
  tell(effect.id, nullptr, problem);
  carry_out(std::move(effects));
}

void supervisor_state::perform(const supervisor_core::stop_child& effect) {
  const auto& handle = entries_.find(effect.id)->second.handle;
  caf::anon_send(handle,
                 caf::exit_msg{self_->address(), caf::make_error(caf::exit_reason::user_shutdown)});
}

void supervisor_state::kill(const entry& which) {
  if (!which.handle) return;
  caf::anon_send<caf::message_priority::high>(
      which.handle, caf::exit_msg{which.handle.address(), caf::make_error(caf::exit_reason::kill)});
}

void supervisor_state::perform(const supervisor_core::kill_child& effect) {
  log_.warning("{}: {} did not end in time and is killed", options_.name, effect.id);
  kill(entries_.find(effect.id)->second);
}

void supervisor_state::perform(const supervisor_core::forget_child& effect) {
  auto node = entries_.extract(effect.id);
  if (node.empty()) return;
  for (auto& each : node.mapped().removals)
    each.deliver(true);
}

void supervisor_state::perform(const supervisor_core::wait& effect) {
  self_->delayed_send(self_, effect.delay, child_wait{effect.id, effect.generation});
}

void supervisor_state::perform(const supervisor_core::finish& effect) {
  if (effect.reason.empty()) {
    self_->quit(caf::make_error(caf::exit_reason::user_shutdown));
    return;
  }
  log_.error("{} gives up: {}", options_.name, effect.reason);
  self_->quit(to_error({"supervisor.gave_up", effect.reason, "", 500}));
}

supervisor_self::behavior_type run_supervisor(supervisor_state::pointer self,
                                              supervisor_options options) {
  prepare(self, options.name);
  self->set_down_handler([self](const caf::down_msg& message) { self->state.on_down(message); });
  self->set_exit_handler(
      [self](const caf::exit_msg& message) { self->state.on_exit(message.reason); });
  self->state.set_up(std::move(options));
  return {
      traced([self](const add_child& message) { return self->state.add(message.spec); }),
      traced([self](const remove_child& message) { return self->state.remove(message.id); }),
      traced([self](const find_child& message) { return self->state.find(message.id); }),
      traced([self](const retry_child& message) { return self->state.retry(message.id); }),
      traced([self](const get_children&) { return self->state.status(); }),
      traced([self](const child_wait& message) { self->state.on_wait(message); }),
  };
}

} // namespace

supervisor_actor spawn_supervisor(caf::actor_system& system, supervisor_options options) {
  return system.spawn(run_supervisor, std::move(options));
}

} // namespace troupe::runtime
