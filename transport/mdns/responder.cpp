#include "transport/mdns/responder.hpp"

#include "transport/mdns/avahi_thread.hpp"
#include "transport/mdns/backend.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <avahi-common/timeval.h>
#include <utility>

namespace troupe::transport::mdns {
namespace {

/// Between two tries to reach a D-Bus or a daemon that went away.
constexpr unsigned retry_ms = 10'000;

} // namespace

/// What stands here belongs to the thread of Avahi, but for what the constructor set.
struct responder::implementation {
  implementation(boost::asio::io_context& of, responder_options given)
      : loop(of), options(std::move(given)) {
    thread.run([this] { start(); });
  }
  ~implementation() {
    alive.reset();
    thread.run([this] { // in this order: goodbyes are said while Avahi's poll still works
      stop_retry();
      own.reset();
      by_daemon.reset();
    });
  }

  void start() {
    if (options.choice == responder_choice::own) return use_own();
    by_daemon = make_daemon_backend(thread, options, events(true));
    hand_over(*by_daemon);
  }
  void use_own() {
    own = make_own_backend(thread, options, events(false));
    hand_over(*own);
  }
  void hand_over(backend& to) {
    if (!wished.services.empty()) to.advertise(wished);
    if (!type.empty()) to.browse(type);
  }
  backend_events events(bool of_daemon) {
    backend_events out;
    out.state = [this, of_daemon](backend_state state, const std::string& problem) {
      // Not at once: the backend that says so may be dropped for it.
      thread.run([this, of_daemon, state, problem] { changed(of_daemon, state, problem); });
    };
    out.advertised_ = [this](const advertised& now) { tell(now); };
    out.found = [this](const found_service& what) {
      to_loop([what](const callbacks& of) {
        if (const auto call = of.browse.found) call(what);
      });
    };
    out.gone = [this](const std::string& key) {
      to_loop([key](const callbacks& of) {
        if (const auto call = of.browse.gone) call(key);
      });
    };
    return out;
  }
  void changed(bool of_daemon, backend_state state, const std::string& problem) {
    if (state == backend_state::running) {
      if (of_daemon) own.reset();
      return;
    }
    if (of_daemon && options.choice == responder_choice::automatic) {
      if (!own) use_own();
    } else {
      tell({false, of_daemon, {}, problem});
    }
    if (state == backend_state::ended) retry();
  }
  void retry() {
    if (retrying != nullptr) return;
    timeval at{};
    avahi_elapse_time(&at, retry_ms, 0);
    retrying = thread.poll()->timeout_new(
        thread.poll(), &at,
        [](AvahiTimeout*, void* to) {
          auto& self = *static_cast<implementation*>(to);
          self.stop_retry();
          self.thread.run([&self] { self.make_anew(); });
        },
        this);
  }
  void make_anew() {
    if (options.choice == responder_choice::own)
      own.reset();
    else
      by_daemon.reset();
    start();
  }
  void stop_retry() {
    if (auto* gone = std::exchange(retrying, nullptr)) thread.poll()->timeout_free(gone);
  }

  // To the loop's side, which may have ended meanwhile.

  struct callbacks {
    std::function<void(const advertised&)> told;
    browse_callbacks browse;
  };
  void tell(const advertised& now) {
    to_loop([now](const callbacks& of) {
      if (const auto call = of.told) call(now); // a copy: the callee may put another in its place
    });
  }
  void to_loop(std::function<void(const callbacks&)> call) {
    boost::asio::post(loop, [weak = std::weak_ptr(watched), call = std::move(call)] {
      if (const auto still = weak.lock()) call(*still);
    });
  }

  boost::asio::io_context& loop;
  const responder_options options;
  std::shared_ptr<callbacks> alive = std::make_shared<callbacks>(); ///< of the loop
  std::weak_ptr<callbacks> watched = alive;

  std::unique_ptr<backend> by_daemon;
  std::unique_ptr<backend> own;
  advertisement wished;
  std::string type;
  AvahiTimeout* retrying = nullptr;

  avahi_thread thread; ///< last: what its jobs touch outlives it
};

responder::responder(boost::asio::io_context& loop, responder_options options)
    : implementation_(std::make_unique<implementation>(loop, std::move(options))) {}

responder::~responder() = default;

void responder::advertise(advertisement what, std::function<void(const advertised&)> told) {
  auto& mine = *implementation_;
  mine.alive->told = std::move(told);
  mine.thread.run([&mine, what = std::move(what)] {
    mine.wished = what;
    if (mine.by_daemon) mine.by_daemon->advertise(what);
    if (mine.own) mine.own->advertise(what);
  });
}

void responder::browse(std::string type, browse_callbacks callbacks) {
  auto& mine = *implementation_;
  mine.alive->browse = std::move(callbacks);
  mine.thread.run([&mine, type = std::move(type)] {
    mine.type = type;
    if (mine.by_daemon) mine.by_daemon->browse(type);
    if (mine.own) mine.own->browse(type);
  });
}

} // namespace troupe::transport::mdns
