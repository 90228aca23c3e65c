#pragma once

#include "messages/result.hpp"

#include <filesystem>

namespace troupe::store {

/// A state folder held by this process alone: made with mode 0700 when it is missing (an existing
/// one keeps its mode) and locked by `flock` on its file `lock`, which holds our process number.
/// The lock ends with the process, however that ends.
class state_folder {
public:
  /// Faults: store.locked (says which process holds it), store.no_permission, store.disk_full,
  /// store.io.
  static result<state_folder> open(const std::filesystem::path& path);

  state_folder(state_folder&& other) noexcept;
  state_folder& operator=(state_folder&& other) noexcept;
  ~state_folder();

  const std::filesystem::path& path() const { return path_; }

private:
  state_folder(std::filesystem::path path, int lock_file);

  std::filesystem::path path_;
  int lock_file_ = -1;
};

} // namespace troupe::store
