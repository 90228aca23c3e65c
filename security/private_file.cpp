#include "security/private_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe::security {
namespace {

fault io_fault(const std::filesystem::path& file, const char* what, int error) {
  return {"store.io", "The file " + file.string() + " " + what + ": " + std::strerror(error) + ".",
          "Look at the state folder's owner, mode and disk.", 500};
}

} // namespace

std::optional<fault> write_private_file(const std::filesystem::path& file,
                                        std::string_view content) {
  const auto beside = file.string() + ".new";
  const int handle =
      ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (handle < 0) return io_fault(file, "cannot be made", errno);
  const bool written =
      ::fchmod(handle, 0600) == 0 &&
      ::write(handle, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
      ::fsync(handle) == 0;
  const int error = errno;
  ::close(handle);
  if (!written) return io_fault(file, "cannot be written", error);
  if (::rename(beside.c_str(), file.c_str()) != 0)
    return io_fault(file, "cannot be put in place", errno);
  const int folder = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
  return std::nullopt;
}

} // namespace troupe::security
