#include "transport/mdns/avahi_thread.hpp"

#include <csignal>
#include <new>
#include <utility>

namespace troupe::transport::mdns {

avahi_thread::avahi_thread() : poll_(avahi_simple_poll_new()) {
  if (poll_ == nullptr) throw std::bad_alloc();
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); // signals are the main thread's
  thread_ = std::thread([this] { loop(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

avahi_thread::~avahi_thread() {
  {
    const std::lock_guard lock(guard_);
    ending_ = true;
  }
  avahi_simple_poll_wakeup(poll_);
  thread_.join();
  avahi_simple_poll_free(poll_);
}

void avahi_thread::run(std::function<void()> job) {
  {
    const std::lock_guard lock(guard_);
    waiting_.push_back(std::move(job));
  }
  avahi_simple_poll_wakeup(poll_);
}

const AvahiPoll* avahi_thread::poll() const {
  return avahi_simple_poll_get(poll_);
}

bool avahi_thread::take_jobs(std::vector<std::function<void()>>& jobs) {
  const std::lock_guard lock(guard_);
  jobs.swap(waiting_);
  return !jobs.empty() || !ending_;
}

void avahi_thread::loop() {
  std::vector<std::function<void()>> jobs;
  while (take_jobs(jobs)) {
    for (auto& each : jobs)
      each();
    const bool worked = !std::exchange(jobs, {}).empty();
    // What was handed over meanwhile has woken the poll already, so it does not sleep on it.
    if (!worked && avahi_simple_poll_iterate(poll_, -1) < 0) return;
  }
}

} // namespace troupe::transport::mdns
