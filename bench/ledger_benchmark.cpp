// links: troupe_store troupe_messages benchmark::benchmark
#include "messages/random.hpp"
#include "store/ledger.hpp"

#include <benchmark/benchmark.h>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <unistd.h>
#include <vector>

/// What the ledger costs: the life of an action (accepted, sent, confirmed: three groups), alone
/// and together with others. `fsync` is what the disk alone takes for one synced write, the floor
/// under each group.
namespace {

using namespace troupe;

constexpr std::size_t receipt_bytes = 65'000;

std::filesystem::path working_folder() {
  static const std::filesystem::path folder = [] {
    // TROUPE_BENCH_FOLDER: on which disk to measure.
    const char* chosen = std::getenv("TROUPE_BENCH_FOLDER");
    const auto place = chosen ? std::filesystem::path(chosen) : std::filesystem::current_path();
    auto pattern = (place / "ledger-bench-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) std::abort();
    return std::filesystem::path(pattern);
  }();
  return folder;
}

action_request receipt() {
  action_request request;
  request.device = device_id("counter");
  request.action = "print_receipt";
  request.document.operations = {
      printing::picture{shared_bytes(byte_vector(receipt_bytes, 0x5a)), 100}, printing::cut{}};
  request.origin = "https://shop.example";
  return request;
}

void fsync_alone(benchmark::State& state) {
  const auto path = working_folder() / "sync";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const std::vector<char> content(static_cast<std::size_t>(state.range(0)), 'x');
  off_t at = 0;
  for (auto _ : state) {
    if (::pwrite(file, content.data(), content.size(), at) < 0 || ::fdatasync(file) != 0)
      state.SkipWithError("the disk refuses");
    at = (at + state.range(0)) % (8 << 20);
  }
  ::close(file);
}
BENCHMARK(fsync_alone)->Arg(32 << 10)->Arg(100 << 10)->UseRealTime()->Unit(benchmark::kMicrosecond);

void life_of_actions(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto folder = working_folder() / ("group" + std::to_string(count));
  auto opened = store::ledger::open(folder);
  if (!opened) return state.SkipWithError(opened.error().text.c_str());
  auto& book = **opened;
  const auto now = time_point(std::chrono::seconds(1'767'225'600));
  std::vector<action_id> ids(count);
  bool good = true;
  const auto group = [&](auto&& change) {
    good = good && !book.begin();
    for (std::size_t i = 0; i < count; ++i)
      good = good && change(i);
    good = good && !book.commit();
  };
  store::prune_limits limits;
  limits.actions = 2000;
  for (auto _ : state) {
    group([&](std::size_t i) {
      auto request = receipt();
      request.key = random_hex(16);
      auto accepted = book.accept(request, now);
      if (accepted) ids[i] = accepted->record.id;
      return static_cast<bool>(accepted);
    });
    group([&](std::size_t i) { return static_cast<bool>(book.mark_sent(ids[i], now)); });
    group([&](std::size_t i) {
      return static_cast<bool>(book.finish(ids[i], action_state::confirmed, "", "", now));
    });
    state.PauseTiming(); // pruning is done in quiet moments
    good = good && !book.begin() && book.prune(now, limits) && !book.commit();
    if (book.checkpoint_due()) good = good && !book.checkpoint();
    state.ResumeTiming();
    if (!good) return state.SkipWithError("the ledger gave a fault");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(life_of_actions)->Arg(1)->Arg(8)->Arg(64)->UseRealTime()->Unit(benchmark::kMicrosecond);

void open_existing(benchmark::State& state) {
  const auto folder = working_folder() / "open";
  for (auto _ : state) {
    auto opened = store::ledger::open(folder);
    if (!opened) return state.SkipWithError(opened.error().text.c_str());
    state.PauseTiming();
    *opened = nullptr;
    state.ResumeTiming();
  }
}
BENCHMARK(open_existing)->UseRealTime()->Unit(benchmark::kMicrosecond);

void append_event(benchmark::State& state) {
  auto opened = store::ledger::open(working_folder() / "events");
  if (!opened) return state.SkipWithError(opened.error().text.c_str());
  auto& book = **opened;
  event happened;
  happened.type = "device.status";
  happened.device = device_id("counter");
  happened.data = value::object{{"state", "ready"}, {"text", "Ready."}};
  for (auto _ : state) {
    bool good = !book.begin();
    auto first = book.reserve_sequences(static_cast<std::uint32_t>(state.range(0)));
    for (int i = 0; good && first && i < state.range(0); ++i) {
      happened.sequence = *first + static_cast<std::uint64_t>(i);
      good = !book.append(happened);
    }
    if (!good || book.commit()) return state.SkipWithError("the ledger gave a fault");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(append_event)->Arg(1)->Arg(64)->UseRealTime()->Unit(benchmark::kMicrosecond);

} // namespace

int main(int count, char** arguments) {
  benchmark::Initialize(&count, arguments);
  benchmark::RunSpecifiedBenchmarks();
  std::filesystem::remove_all(working_folder());
}
