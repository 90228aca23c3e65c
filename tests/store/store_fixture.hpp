#pragma once

#include "messages/action.hpp"
#include "messages/event.hpp"
#include "messages/random.hpp"
#include "store/ledger.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>

namespace troupe::store {

/// A folder of its own that goes away with it; in memory where the system has a place for that,
/// since no test here depends on the disk's own behaviour.
class temporary_folder {
public:
  temporary_folder() {
    const std::filesystem::path memory = "/dev/shm";
    const auto place =
        ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
    auto pattern = (place / "troupe-store-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) std::abort();
    path_ = pattern;
  }
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const char* name) const { return path_ / name; }

private:
  std::filesystem::path path_;
};

inline constexpr time_point start_of_2026 = time_point(std::chrono::seconds(1'767'225'600));

inline action_request make_request(std::string key, std::size_t picture_bytes = 100,
                                   std::string device = "counter") {
  action_request request;
  request.trace = new_trace();
  request.key = std::move(key);
  request.device = device_id(std::move(device));
  request.action = "print_receipt";
  byte_vector picture(picture_bytes, static_cast<std::uint8_t>(picture_bytes * 31 + 7));
  request.document.operations = {printing::picture{shared_bytes(std::move(picture)), 100},
                                 printing::cut{}};
  request.session = session_id("tab");
  request.origin = "https://shop.example";
  return request;
}

inline event make_event(std::uint64_t sequence, std::string device = "counter",
                        time_point time = start_of_2026) {
  event made;
  made.sequence = sequence;
  made.time = time;
  made.type = "device.status";
  made.device = device_id(std::move(device));
  made.data = value::object{{"sequence", sequence}};
  return made;
}

inline std::unique_ptr<ledger> open_ledger(const std::filesystem::path& folder,
                                           const ledger_options& options = {}) {
  auto opened = ledger::open(folder, options);
  if (opened) return std::move(*opened);
  ADD_FAILURE() << opened.error().code << ": " << opened.error().text;
  std::abort();
}

/// Runs `change` in a group of its own and expects the group to reach the disk.
template <class Change>
auto in_group(ledger& book, Change&& change) {
  const auto begun = book.begin();
  EXPECT_FALSE(begun) << begun->text;
  auto outcome = change();
  const auto problem = book.commit();
  EXPECT_FALSE(problem) << problem->text;
  return outcome;
}

inline action_record accept_one(ledger& book, const action_request& request,
                                time_point now = start_of_2026) {
  auto accepted = in_group(book, [&] { return book.accept(request, now); });
  if (!accepted) {
    ADD_FAILURE() << accepted.error().text;
    return {};
  }
  EXPECT_FALSE(accepted->duplicate);
  return accepted->record;
}

/// Brings an accepted action to a final state.
inline void end_as(ledger& book, const action_id& id, action_state state,
                   time_point now = start_of_2026, first_byte touched = first_byte::perhaps_out) {
  in_group(book, [&] {
    EXPECT_TRUE(book.mark_sent(id, now));
    auto ended = book.finish(id, state, "", "", now, touched);
    EXPECT_TRUE(ended) << ended.error().text;
    return true;
  });
}

} // namespace troupe::store
