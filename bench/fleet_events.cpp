// links: troupe_server_actors
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/loop.hpp"
#include "actors/server/bus.hpp"
#include "actors/server/store.hpp"

#include <caf/all.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

/// Events per second into the server's bus and onto its disk, with pages listening:
///   fleet_events [EVENTS] [PAGES] [DATABASE]
/// 100 boxes with 4 batches of 100 under way each. One line of JSON.
namespace {

using namespace troupe;
using namespace std::chrono_literals;

constexpr int boxes = 100;
constexpr int batch_events = 100;
constexpr int under_way = 4;

struct feeder_state {
  std::uint64_t next = 1;
  std::uint64_t left = 0;
};

event happened(std::uint64_t number) {
  event out;
  out.sequence = number;
  out.time = time_point(std::chrono::microseconds(1'760'000'000'000'000 + number));
  out.type = "device.status";
  out.device = device_id("printer-1");
  out.trace = {};
  out.data = value::object{{"state", "ready"}, {"text", "Ready."}, {"waiting", 0}};
  return out;
}

void feed(caf::stateful_actor<feeder_state>* self, server::bus_actor bus, box_id box,
          std::atomic<int>* open, runtime::loop* loop) {
  auto& state = self->state;
  if (state.left == 0) return;
  server::publish_batch batch{box, "e", {}};
  for (int at = 0; at < batch_events && state.left > 0; ++at, --state.left)
    batch.events.push_back(happened(state.next++));
  ++*open;
  runtime::request_then(
      self, bus, 60s, std::move(batch),
      [=](std::uint64_t) {
        --*open;
        feed(self, bus, box, open, loop);
        if (*open == 0) loop->stop();
      },
      [](const fault& problem) {
        std::fprintf(stderr, "%s\n", problem.text.c_str());
        std::exit(1);
      });
}

} // namespace

int main(int count, char** arguments) {
  const auto events = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 1'000'000ull;
  const int pages = count > 2 ? std::atoi(arguments[2]) : 0;
  std::string pattern = (std::filesystem::temp_directory_path() / "troupe-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) return 1;
  const std::string url = count > 3 ? arguments[3] : "sqlite:" + pattern + "/server.db";
  double seconds = 0;
  std::uint64_t delivered = 0;
  {
    runtime::loop loop;
    runtime::workers workers(loop);
    runtime::limits limits;
    runtime::metrics metrics;
    server::services shared{loop.io_context(), workers, limits, metrics, pattern, "0.1.0", {}};
    auto store = server::spawn_store(loop.system(), shared, {.url = url, .detached = true});
    if (!store) return std::fprintf(stderr, "%s\n", store.error().text.c_str()), 1;
    const auto bus = server::spawn_bus(loop.system(), shared, *store);
    std::atomic<int> open{0};
    for (int page = 0; page < pages; ++page) {
      auto reader = loop.system().spawn([&](caf::event_based_actor* self) -> caf::behavior {
        runtime::prepare(self, "page");
        return {[&](const server::events_arrived& got) { delivered += got.events->size(); }};
      });
      caf::anon_send(bus, server::subscribe_events{reader, {}});
    }
    for (int box = 0; box < boxes; ++box)
      loop.system().spawn([&, box](caf::stateful_actor<feeder_state>* self) -> caf::behavior {
        runtime::prepare(self, "feeder");
        self->state.left = events / boxes;
        for (int at = 0; at < under_way; ++at)
          feed(self, bus, box_id("box-" + std::to_string(box)), &open, &loop);
        return {[](int) {}};
      });
    const auto begun = std::chrono::steady_clock::now();
    loop.run();
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  }
  std::filesystem::remove_all(pattern);
  std::printf("{\"events\": %llu, \"pages\": %d, \"seconds\": %.2f, \"events_per_second\": %.0f, "
              "\"delivered\": %llu}\n",
              events, pages, seconds, static_cast<double>(events) / seconds,
              static_cast<unsigned long long>(delivered));
}
