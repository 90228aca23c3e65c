#include "transport/mdns/avahi_thread.hpp"

#include <csignal>
#include <cstdint>
#include <new>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace troupe::transport::mdns {

avahi_thread::avahi_thread() : poll_(avahi_simple_poll_new()) {
  if (poll_ == nullptr) throw std::bad_alloc();
  // Not the poll's own wake-up: one that comes just before it sleeps would be lost.
  bell_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  poll()->watch_new(
      poll(), bell_, AVAHI_WATCH_IN,
      [](AvahiWatch*, int descriptor, AvahiWatchEvent, void*) {
        std::uint64_t rings = 0;
        static_cast<void>(!::read(descriptor, &rings, sizeof rings));
      },
      nullptr);
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
  ring();
  thread_.join();
  avahi_simple_poll_free(poll_);
  ::close(bell_);
}

void avahi_thread::run(std::function<void()> job) {
  {
    const std::lock_guard lock(guard_);
    waiting_.push_back(std::move(job));
  }
  ring();
}

void avahi_thread::ring() const {
  const std::uint64_t once = 1;
  static_cast<void>(!::write(bell_, &once, sizeof once));
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
    // What is handed over meanwhile has rung the bell, so the poll does not sleep on it.
    if (!worked && avahi_simple_poll_iterate(poll_, -1) < 0) return;
  }
}

} // namespace troupe::transport::mdns
