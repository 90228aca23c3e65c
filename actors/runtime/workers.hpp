#pragma once

#include "actors/runtime/faults.hpp"
#include "actors/runtime/local_messages.hpp"
#include "messages/result.hpp"
#include "messages/trace.hpp"

#include <caf/behavior.hpp>
#include <caf/duration.hpp>
#include <caf/make_message.hpp>
#include <caf/message_id.hpp>
#include <caf/scheduled_actor.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace troupe::runtime {

class loop;
class limit;

struct workers_options {
  std::size_t threads = 1;                ///< at most so many at a time
  std::size_t queued_jobs = 64;           ///< waiting beyond those being worked on
  std::chrono::milliseconds idle{60'000}; ///< a thread without work for so long ends
};

/// A bounded pool of threads for what computes too long for the loop: pictures, key generation,
/// compression. Threads start with the first job and end when idle, so that an idle box has none.
class workers {
public:
  using job = std::function<void()>;
  using poster = std::function<void(job)>;

  /// `post` brings the outcome back to the loop's thread.
  workers(poster post, workers_options options = {});
  explicit workers(loop& home, workers_options options = {});
  /// Without threads, for virtual-time tests: each job runs at once in the caller.
  struct inline_tag {};
  explicit workers(inline_tag);
  /// Waits for the jobs being worked on; those still waiting are dropped.
  ~workers();
  workers(const workers&) = delete;
  workers& operator=(const workers&) = delete;

  /// Runs `work()` on a worker and then `done(result<T>)` on the loop, exactly once unless the pool
  /// ends before: with the value, with the fault it returned, with "workers.failed" when it threw,
  /// or with "workers.busy" when the queue is full. The caller's trace is current in both.
  template <class Work, class Done>
  void run(Work work, Done done) {
    auto shared = std::make_shared<std::pair<Work, Done>>(std::move(work), std::move(done));
    const trace_context trace = current_trace();
    auto refused = enqueue([this, shared, trace] {
      const trace_scope scope(trace);
      auto outcome = std::make_shared<outcome_of<Work>>(perform(shared->first));
      post([shared, outcome, trace] {
        const trace_scope inner(trace);
        shared->second(std::move(*outcome));
      });
    });
    if (refused)
      post([shared, refused = std::move(*refused)] { shared->second(outcome_of<Work>(refused)); });
  }

  /// The lower half of `run`: a job for any thread, no way back. A fault when the queue is full.
  std::optional<fault> enqueue(job work);
  void post(job work) { post_(std::move(work)); }

  std::size_t threads() const; ///< alive now
  std::size_t queued() const;  ///< waiting now

  template <class T>
  struct as_result {
    using type = result<T>;
  };
  template <class T>
  struct as_result<result<T>> {
    using type = result<T>;
  };
  template <class Work>
  using outcome_of = typename as_result<std::invoke_result_t<Work&>>::type;

  /// Calls `work`; what it throws becomes the fault "workers.failed".
  template <class Work>
  static outcome_of<Work> perform(Work& work) {
    try {
      return work();
    } catch (const std::exception& error) {
      return failure(error.what());
    } catch (...) {
      return failure("unknown exception");
    }
  }

private:
  struct shared_state;
  static fault failure(std::string text);

  poster post_;
  std::shared_ptr<shared_state> state_; ///< none: inline
};

namespace detail {
struct job_outcome {
  static constexpr bool local_message = true;
  std::shared_ptr<void> content;
};
/// Registers an answer handler in `self` and gives the function that delivers the answer from any
/// thread.
std::function<void(std::shared_ptr<void>)>
expect_outcome(caf::scheduled_actor* self, caf::duration timeout,
               std::function<void(std::shared_ptr<void>)> on_outcome,
               std::function<void(fault)> on_fault);
} // namespace detail

/// Runs `work()` on a worker and then `then(result<T>)` inside the actor, like the answer to a
/// request: never while another of its handlers runs, never after its end, at the latest after
/// `timeout` (then with "actor.timeout"; the work itself is not interrupted).
template <class Self, class Rep, class Period, class Work, class Then>
void run_on_workers(Self* self, workers& pool, std::chrono::duration<Rep, Period> timeout,
                    Work work, Then then) {
  using outcome = workers::outcome_of<Work>;
  auto shared_then = std::make_shared<Then>(std::move(then));
  auto deliver = detail::expect_outcome(
      self, caf::duration{timeout},
      [shared_then](std::shared_ptr<void> content) {
        (*shared_then)(std::move(*std::static_pointer_cast<outcome>(content)));
      },
      [shared_then](fault problem) { (*shared_then)(outcome(std::move(problem))); });
  auto shared_work = std::make_shared<Work>(std::move(work));
  const trace_context trace = current_trace();
  auto refused = pool.enqueue([shared_work, deliver, trace] {
    const trace_scope scope(trace);
    deliver(std::make_shared<outcome>(workers::perform(*shared_work)));
  });
  if (refused) deliver(std::make_shared<outcome>(std::move(*refused)));
}

} // namespace troupe::runtime
