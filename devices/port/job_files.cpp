#include "devices/port/job_files.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace troupe::port {
namespace {

constexpr const char* unfinished = ".part";
constexpr const char* finished = ".bin";
constexpr std::size_t number_digits = 6;
/// Numbers tried when another writer uses the same directory.
constexpr int most_tries = 1000;

fault fault_of(int error, const std::filesystem::path& path) {
  const auto why = std::system_category().message(error);
  switch (error) {
  case ENOSPC:
  case EDQUOT:
  case EFBIG:
    return {"port.disk_full", "The disk is full: " + path.string() + " cannot be written.",
            "Make room, then print again.", 507};
  case EACCES:
  case EPERM:
  case EROFS:
    return {"port.not_allowed", "The box may not write " + path.string() + ": " + why + ".",
            "Give the box's user the right to write there.", 503};
  case ENOENT:
  case ENOTDIR:
    return {"port.no_directory", path.string() + " is not in a directory: " + why + ".",
            "Name a directory that exists.", 503};
  default:
    return {"port.broken", path.string() + " cannot be written: " + why + ".", "Check the disk.",
            503};
  }
}

/// The number in front of a file's ending; 0 when there is none.
std::uint64_t number_in(const std::filesystem::path& file) {
  if (file.extension() != finished && file.extension() != unfinished) return 0;
  const auto stem = file.stem().string();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(stem.data(), stem.data() + stem.size(), number);
  return error == std::errc() && end == stem.data() + stem.size() ? number : 0;
}

int sync_directory(const std::filesystem::path& directory) {
  const int opened = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return errno;
  const int error = ::fsync(opened) == 0 ? 0 : errno;
  ::close(opened);
  return error;
}

} // namespace

job_files::~job_files() {
  close_file();
}

std::filesystem::path job_files::path_of(const char* ending) const {
  auto digits = std::to_string(number_);
  if (digits.size() < number_digits) digits.insert(0, number_digits - digits.size(), '0');
  return directory_ / (digits + ending);
}

void job_files::close_file() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
  job_bytes_ = 0;
}

result<bool> job_files::open() {
  std::error_code error;
  std::filesystem::create_directories(directory_, error);
  if (error && !std::filesystem::is_directory(directory_))
    return fault_of(error.value(), directory_);
  std::filesystem::directory_iterator files(directory_, error);
  if (error) return fault_of(error.value(), directory_);
  for (; files != std::filesystem::directory_iterator(); files.increment(error)) {
    number_ = std::max(number_, number_in(files->path()));
    if (error) break;
  }
  if (::access(directory_.c_str(), W_OK | X_OK) != 0) return fault_of(errno, directory_);
  return true;
}

result<bool> job_files::begin_job() {
  int error = EEXIST;
  for (int tries = 0; tries < most_tries && error == EEXIST; ++tries) {
    ++number_;
    if (std::filesystem::exists(path_of(finished))) continue;
    file_ = ::open(path_of(unfinished).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    error = file_ >= 0 ? 0 : errno;
  }
  job_bytes_ = 0;
  if (error != 0) return fault_of(error, path_of(unfinished));
  return true;
}

result<std::size_t> job_files::write(byte_span bytes) {
  if (file_ < 0)
    if (auto begun = begin_job(); !begun) return begun.error();
  for (std::size_t at = 0; at < bytes.size();) {
    const auto count = ::write(file_, bytes.data() + at, bytes.size() - at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const auto why = fault_of(errno, path_of(unfinished));
      close_file();
      return why;
    }
    at += static_cast<std::size_t>(count);
  }
  job_bytes_ += bytes.size();
  return bytes.size();
}

result<std::size_t> job_files::finish_job() {
  if (file_ < 0) return std::size_t{0};
  const auto bytes = job_bytes_;
  int error = ::fsync(file_) == 0 ? 0 : errno;
  close_file();
  if (error == 0 && ::rename(path_of(unfinished).c_str(), path_of(finished).c_str()) != 0)
    error = errno;
  if (error == 0) error = sync_directory(directory_);
  if (error != 0) return fault_of(error, path_of(finished));
  return bytes;
}

} // namespace troupe::port
