#include "actors/box/token_sticks.hpp"

#include "actors/box/mount_watch.hpp"
#include "actors/runtime/behavior.hpp"
#include "actors/runtime/clock.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/sender.hpp"
#include "actors/runtime/workers.hpp"

#include <caf/all.hpp>

#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace troupe::box {
namespace {

using namespace std::chrono_literals;
using std::filesystem::path;

const runtime::logger log_("box.token_sticks");

constexpr std::size_t longest_file = 16 * 1024;
constexpr std::size_t most_entries = 64; ///< looked at in each folder
constexpr int deepest = 2;
/// A stick with several partitions comes in several steps.
constexpr auto settle_delay = 500ms;
constexpr auto slow_stick = 30s;
constexpr auto box_start = 30s;

std::optional<std::string> read_file(const path& name) {
  const int file = ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return std::nullopt;
  struct stat about {};
  std::optional<std::string> text;
  if (::fstat(file, &about) == 0 && S_ISREG(about.st_mode)) {
    text.emplace(longest_file + 1, '\0');
    const auto size = ::read(file, text->data(), text->size());
    if (size < 0 || static_cast<std::size_t>(size) > longest_file)
      text.reset();
    else
      text->resize(static_cast<std::size_t>(size));
  }
  ::close(file);
  return text;
}

void look_into(const path& folder, int depth, std::vector<std::string>& found) {
  if (auto text = read_file(folder / token_file_name)) found.push_back(*std::move(text));
  if (depth == deepest) return;
  std::error_code problem;
  std::filesystem::directory_iterator each(folder, problem), end;
  for (std::size_t count = 0; !problem && each != end && count < most_entries; ++count) {
    std::error_code unknown;
    if (std::filesystem::is_directory(each->symlink_status(unknown)))
      look_into(each->path(), depth + 1, found);
    each.increment(problem);
  }
}

using sticks_self = token_sticks_actor::extend<caf::reacts_to<runtime::tick>>;

struct sticks_state {
  sticks_state() = default;
  static inline const char* name = "token_sticks";

  sticks_self::stateful_pointer<sticks_state> self = nullptr;
  const services* shared = nullptr;
  std::vector<path> folders;
  pairing_actor pairing;
  runtime::timer settle{1};
  std::unique_ptr<descriptor_watch> watch;

  /// A box that has a server is not even curious.
  void look() {
    runtime::request_then(
        self, pairing, box_start, get_pairing{},
        [this](const pairing_info& info) {
          if (!info.server) read();
        },
        [](const fault& problem) { log_.warning("No stick was looked at: {}", problem.text); });
  }
  void read() {
    runtime::run_on_workers(
        self, shared->workers, slow_stick,
        [where = folders]() -> result<std::vector<std::string>> { return read_token_files(where); },
        [this](const result<std::vector<std::string>>& found) {
          if (!found) return log_.warning("A stick cannot be read: {}", found.error().text);
          for (const auto& text : *found)
            offer(text);
        });
  }
  void offer(const std::string& text) {
    runtime::request_then(
        self, pairing, neighbour_timeout, offer_token{text}, [](const pairing_info&) {},
        [](const fault& problem) {
          log_.warning("The file {} on a stick was of no use: {}", token_file_name, problem.text);
        });
  }
};

sticks_self::behavior_type token_sticks(sticks_self::stateful_pointer<sticks_state> self,
                                        const services* shared, std::vector<path> folders,
                                        pairing_actor pairing) {
  runtime::prepare(self, "token_sticks");
  auto& mine = self->state;
  mine.self = self;
  mine.shared = shared;
  mine.folders = std::move(folders);
  mine.pairing = std::move(pairing);
  mine.watch =
      watch_mounts(shared->loop, [tell = runtime::sender_to(self)] { tell(mounts_changed{}); });
  mine.look();
  return {
      [self](const mounts_changed&) {
        if (!self->state.settle.armed()) self->state.settle.arm(self, settle_delay);
      },
      [self](const runtime::tick& tick) {
        if (self->state.settle.due(self, tick)) self->state.look();
      },
  };
}

} // namespace

std::vector<std::string> read_token_files(const std::vector<path>& folders) {
  std::vector<std::string> found;
  for (const auto& each : folders)
    look_into(each, 0, found);
  return found;
}

token_sticks_actor spawn_token_sticks(caf::actor_system& system, const services& shared,
                                      std::vector<path> folders, pairing_actor pairing) {
  return system.spawn(token_sticks, &shared, std::move(folders), std::move(pairing));
}

} // namespace troupe::box
