#pragma once

#include <avahi-common/simple-watch.h>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace troupe::transport::mdns {

/// The thread on which all of Avahi's calls and callbacks run.
class avahi_thread {
public:
  avahi_thread();
  /// Runs what was handed over, then ends the thread.
  ~avahi_thread();
  avahi_thread(const avahi_thread&) = delete;
  avahi_thread& operator=(const avahi_thread&) = delete;

  /// From any other thread.
  void run(std::function<void()> job);
  const AvahiPoll* poll() const;

private:
  void loop();
  void ring() const;
  bool take_jobs(std::vector<std::function<void()>>& jobs);

  AvahiSimplePoll* poll_;
  int bell_ = -1;    ///< an eventfd
  std::mutex guard_; ///< of the two below; the only things two threads touch
  std::vector<std::function<void()>> waiting_;
  bool ending_ = false;
  std::thread thread_;
};

} // namespace troupe::transport::mdns
