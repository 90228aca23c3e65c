#include "actors/runtime/loop_scheduler.hpp"

#include "actors/runtime/log.hpp"

#include <boost/asio/post.hpp>
#include <caf/all.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <utility> // Asio 1.74 uses std::exchange without including it

namespace troupe::runtime {

namespace {

/// Where `caf::aout` goes: into the log.
class log_printer final : public caf::monitorable_actor {
public:
  explicit log_printer(caf::actor_config& config) : monitorable_actor(config) {
    handler_.assign([](caf::add_atom, caf::actor_id, const std::string& text) {
      static const logger log("runtime.caf");
      log.warning("{}", text);
    });
  }
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
    handler_(what->content());
  }

private:
  caf::message_handler handler_;
};

} // namespace

boost::asio::io_context*& io_context_of_this_thread() {
  thread_local boost::asio::io_context* current = nullptr;
  return current;
}

template <class Job>
void loop_clock::on_loop(Job job) {
  if (io_context_of_this_thread() == &io_)
    job();
  else
    boost::asio::post(io_, std::move(job));
}

void loop_clock::set_ordinary_timeout(time_point at, caf::abstract_actor* self,
                                      caf::atom_value type, std::uint64_t id) {
  on_loop([this, at, keep = caf::strong_actor_ptr{self->ctrl()}, type, id] {
    super::set_ordinary_timeout(at, keep->get(), type, id);
    arm();
  });
}

void loop_clock::set_multi_timeout(time_point at, caf::abstract_actor* self, caf::atom_value type,
                                   std::uint64_t id) {
  on_loop([this, at, keep = caf::strong_actor_ptr{self->ctrl()}, type, id] {
    super::set_multi_timeout(at, keep->get(), type, id);
    arm();
  });
}

void loop_clock::set_request_timeout(time_point at, caf::abstract_actor* self, caf::message_id id) {
  on_loop([this, at, keep = caf::strong_actor_ptr{self->ctrl()}, id] {
    super::set_request_timeout(at, keep->get(), id);
    arm();
  });
}

void loop_clock::cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) {
  on_loop([this, actor = self->id(), type] { handle(ordinary_timeout_cancellation{actor, type}); });
}

void loop_clock::cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) {
  on_loop([this, actor = self->id(), id] { handle(request_timeout_cancellation{actor, id}); });
}

void loop_clock::cancel_timeouts(caf::abstract_actor* self) {
  on_loop([this, actor = self->id()] { handle(timeouts_cancellation{actor}); });
}

void loop_clock::schedule_message(time_point at, caf::strong_actor_ptr receiver,
                                  caf::mailbox_element_ptr content) {
  on_loop([this, at, receiver = std::move(receiver), content = std::move(content)]() mutable {
    super::schedule_message(at, std::move(receiver), std::move(content));
    arm();
  });
}

void loop_clock::schedule_message(time_point at, caf::group target, caf::strong_actor_ptr sender,
                                  caf::message content) {
  on_loop([this, at, target = std::move(target), sender = std::move(sender),
           content = std::move(content)]() mutable {
    super::schedule_message(at, std::move(target), std::move(sender), std::move(content));
    arm();
  });
}

void loop_clock::cancel_all() {
  super::cancel_all();
  ++generation_;
  armed_ = false;
  timer_.cancel();
}

// A cancelled wait leaves the timer armed: the one early wake-up is cheaper than re-arming it for
// each of thousands of requests that are answered in time.
void loop_clock::arm() {
  if (schedule_.empty()) return;
  const auto next = schedule_.begin()->first;
  if (armed_ && armed_for_ <= next) return;
  armed_ = true;
  armed_for_ = next;
  timer_.expires_at(next);
  timer_.async_wait([this, generation = ++generation_](const boost::system::error_code&) {
    if (generation != generation_) return;
    armed_ = false;
    trigger_expired_timeouts();
    arm();
  });
}

loop_scheduler::loop_scheduler(caf::actor_system& system, boost::asio::io_context& io,
                               std::size_t resumes_per_turn)
    : abstract_coordinator(system), io_(io), resumes_per_turn_(resumes_per_turn), clock_(io),
      unit_(&system, *this) {}

void loop_scheduler::start() {
  caf::actor_config config{&unit_};
  auto& home = system();
  utility_actors_[printer_id] =
      caf::make_actor<log_printer, caf::actor>(home.next_actor_id(), home.node(), &home, config);
}

/// Called by the actor system's destructor, when `run` has returned and all actors have ended: lets
/// CAF's own hidden actors handle their exit messages.
void loop_scheduler::stop() {
  auto& current = io_context_of_this_thread();
  auto* const before = std::exchange(current, &io_);
  in_turn_ = true;
  take_over_foreign();
  while (resume_next())
    take_over_foreign();
  clock_.cancel_all();
  while (resume_next())
    take_over_foreign();
  in_turn_ = false;
  current = before;
}

void loop_scheduler::enqueue(caf::resumable* job) {
  if (io_context_of_this_thread() == &io_)
    enqueue_here(job);
  else
    enqueue_from_elsewhere(job);
}

void loop_scheduler::enqueue_here(caf::resumable* job) {
  ready_.push_back(job);
  if (!in_turn_) post_turn();
}

void loop_scheduler::enqueue_from_elsewhere(caf::resumable* job) {
  const std::lock_guard lock(foreign_mutex_);
  foreign_.push_back(job);
  // Only the first one wakes the loop; the turn takes all that came until then.
  if (!foreign_waiting_.exchange(true)) boost::asio::post(io_, [this] { turn(); });
}

void loop_scheduler::take_over_foreign() {
  if (!foreign_waiting_.load(std::memory_order_acquire)) return;
  {
    const std::lock_guard lock(foreign_mutex_);
    foreign_waiting_ = false;
    taken_.swap(foreign_);
  }
  ready_.insert(ready_.end(), taken_.begin(), taken_.end());
  taken_.clear();
}

void loop_scheduler::post_turn() {
  if (turn_posted_) return;
  turn_posted_ = true;
  boost::asio::post(io_, [this] {
    turn_posted_ = false;
    turn();
  });
}

void loop_scheduler::turn() {
  take_over_foreign();
  in_turn_ = true;
  // Also when something throws: the loop goes on, and so must the actors.
  struct turn_end {
    loop_scheduler& owner;
    ~turn_end() {
      owner.in_turn_ = false;
      if (owner.next_ < owner.current_.size() || !owner.ready_.empty()) owner.post_turn();
    }
  } const at_end{*this};
  const auto end = std::chrono::steady_clock::now() + longest_turn;
  for (std::size_t resumed = 0; resumed < resumes_per_turn_ && resume_next(); ++resumed)
    if (resumed % 8 == 7 && std::chrono::steady_clock::now() >= end) break;
}

bool loop_scheduler::resume_next() {
  if (next_ == current_.size()) {
    current_.clear();
    next_ = 0;
    current_.swap(ready_);
    if (current_.empty()) return false;
  }
  auto* const job = current_[next_++];
  switch (job->resume(&unit_, max_throughput())) {
  case caf::resumable::resume_later:
    ready_.push_back(job);
    break;
  case caf::resumable::done:
  case caf::resumable::awaiting_message:
    caf::intrusive_ptr_release(job);
    break;
  case caf::resumable::shutdown_execution_unit:
    break;
  }
  return true;
}

} // namespace troupe::runtime
