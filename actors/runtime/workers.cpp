#include "actors/runtime/workers.hpp"

#include "actors/runtime/loop.hpp"

#include <caf/all.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace troupe::runtime {

struct workers::shared_state {
  explicit shared_state(workers_options given) : options(given) {}

  const workers_options options;
  mutable std::mutex mutex;
  std::condition_variable work_came;
  std::deque<job> waiting;
  std::vector<std::thread> running;
  std::vector<std::thread> ended; ///< to be joined by the next caller
  std::size_t idle = 0;
  bool stopping = false;

  void work();
  bool await_job(std::unique_lock<std::mutex>& lock);
  void retire();
  void join_ended(std::unique_lock<std::mutex>& lock);
};

void workers::shared_state::work() {
  std::unique_lock lock(mutex);
  while (await_job(lock)) {
    auto next = std::move(waiting.front());
    waiting.pop_front();
    lock.unlock();
    next();
    next = nullptr;
    lock.lock();
  }
  retire();
}

/// False when the thread shall end: nothing came for a while, or the pool ends.
bool workers::shared_state::await_job(std::unique_lock<std::mutex>& lock) {
  ++idle;
  const bool woken =
      work_came.wait_for(lock, options.idle, [this] { return stopping || !waiting.empty(); });
  --idle;
  return woken && !stopping;
}

void workers::shared_state::retire() {
  for (auto thread = running.begin(); thread != running.end(); ++thread)
    if (thread->get_id() == std::this_thread::get_id()) {
      ended.push_back(std::move(*thread));
      running.erase(thread);
      return;
    }
}

void workers::shared_state::join_ended(std::unique_lock<std::mutex>& lock) {
  if (ended.empty()) return;
  auto threads = std::move(ended);
  ended.clear();
  lock.unlock();
  for (auto& each : threads)
    each.join();
  lock.lock();
}

workers::workers(poster post, workers_options options)
    : post_(std::move(post)), state_(std::make_shared<shared_state>(options)) {}

workers::workers(loop& home, workers_options options)
    : workers([&home](job work) { home.post(std::move(work)); }, options) {}

workers::workers(inline_tag) : post_([](job work) { work(); }) {}

workers::~workers() {
  if (!state_) return;
  std::unique_lock lock(state_->mutex);
  state_->stopping = true;
  auto dropped = std::move(state_->waiting);
  state_->waiting.clear();
  state_->work_came.notify_all();
  auto threads = std::move(state_->running);
  state_->running.clear();
  lock.unlock();
  for (auto& each : threads)
    each.join();
  for (auto& each : state_->ended)
    each.join();
}

std::optional<fault> workers::enqueue(job work) {
  if (!state_) {
    work();
    return {};
  }
  std::unique_lock lock(state_->mutex);
  state_->join_ended(lock);
  if (state_->waiting.size() >= state_->options.queued_jobs)
    return fault{"workers.busy", "Too much is being computed at the moment.",
                 "Try again in a few seconds.", 503};
  state_->waiting.push_back(std::move(work));
  if (state_->idle < state_->waiting.size() && state_->running.size() < state_->options.threads)
    state_->running.emplace_back([state = state_.get()] { state->work(); });
  lock.unlock();
  state_->work_came.notify_one();
  return {};
}

std::size_t workers::threads() const {
  if (!state_) return 0;
  const std::lock_guard lock(state_->mutex);
  return state_->running.size();
}

std::size_t workers::queued() const {
  if (!state_) return 0;
  const std::lock_guard lock(state_->mutex);
  return state_->waiting.size();
}

fault workers::failure(std::string text) {
  return {"workers.failed", "A computation failed: " + text + ".", "The log has more.", 500};
}

std::function<void(std::shared_ptr<void>)>
detail::expect_outcome(caf::scheduled_actor* self, caf::duration timeout,
                       std::function<void(std::shared_ptr<void>)> on_outcome,
                       std::function<void(fault)> on_fault) {
  const auto request = self->new_request_id(caf::message_priority::normal);
  const trace_context trace = current_trace();
  self->add_multiplexed_response_handler(
      request.response_id(),
      caf::behavior{[trace, on_outcome = std::move(on_outcome)](const job_outcome& outcome) {
                      const trace_scope scope(trace);
                      on_outcome(outcome.content);
                    },
                    [trace, on_fault = std::move(on_fault)](const caf::error& error) {
                      const trace_scope scope(trace);
                      on_fault(to_fault(error));
                    }});
  self->request_response_timeout(timeout, request);
  return [home = caf::actor_cast<caf::strong_actor_ptr>(self),
          id = request.response_id()](std::shared_ptr<void> content) {
    home->get()->eq_impl(id, nullptr, nullptr, job_outcome{std::move(content)});
  };
}

} // namespace troupe::runtime
