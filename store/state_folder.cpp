#include "store/state_folder.hpp"

#include "store/database.hpp"

#include <sqlite3.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace troupe::store {

namespace {

std::string holder_of(int lock_file) {
  std::array<char, 32> text{};
  const auto size = ::pread(lock_file, text.data(), text.size(), 0);
  long process = 0;
  if (size > 0) std::from_chars(text.data(), text.data() + size, process);
  return process > 0 ? "process " + std::to_string(process) : "another process";
}

fault system_fault(int error, const std::filesystem::path& path) {
  return store_fault(SQLITE_IOERR, error, path.string());
}

/// Writes our number into the lock file. A full disk is no reason to stay away: the lock holds
/// without the number.
void sign(int lock_file) {
  const auto text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock_file, 0) == 0 &&
      ::pwrite(lock_file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    static_cast<void>(::ftruncate(lock_file, 0) == 0);
}

} // namespace

result<state_folder> state_folder::open(const std::filesystem::path& path) {
  std::error_code problem;
  if (!path.parent_path().empty()) std::filesystem::create_directories(path.parent_path(), problem);
  if (problem) return system_fault(problem.value(), path);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return system_fault(errno, path);

  const auto lock_path = path / "lock";
  const int lock_file = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_file < 0) return system_fault(errno, lock_path);
  state_folder held(path, lock_file);
  int locked = 0;
  do
    locked = ::flock(lock_file, LOCK_EX | LOCK_NB);
  while (locked != 0 && errno == EINTR);
  if (locked == 0) {
    sign(lock_file);
    return held;
  }
  if (errno != EWOULDBLOCK) return system_fault(errno, lock_path);
  return fault{"store.locked",
               "The state folder " + path.string() + " is in use by " + holder_of(lock_file) + ".",
               "Stop that process first, or give this one a state folder of its own (--state).",
               503};
}

state_folder::state_folder(std::filesystem::path path, int lock_file)
    : path_(std::move(path)), lock_file_(lock_file) {}

state_folder::state_folder(state_folder&& other) noexcept
    : path_(std::move(other.path_)), lock_file_(std::exchange(other.lock_file_, -1)) {}

state_folder& state_folder::operator=(state_folder&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(lock_file_, other.lock_file_);
  return *this;
}

state_folder::~state_folder() {
  if (lock_file_ >= 0) ::close(lock_file_);
}

} // namespace troupe::store
