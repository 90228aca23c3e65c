#pragma once

#include "messages/result.hpp"
#include "sim/printer_snapshot.hpp"

#include <filesystem>

namespace troupe::sim {

/// Keeps each receipt as a picture in a directory: "counter-17.png". Names of an earlier run are
/// written over.
class receipt_folder {
public:
  /// Makes the directory if it is missing. Fault: "receipt_folder.open".
  static result<receipt_folder> open(std::filesystem::path directory);
  /// Fault: "receipt_folder.write".
  result<bool> save(const kept_receipt& kept) const;

private:
  explicit receipt_folder(std::filesystem::path directory) : directory_(std::move(directory)) {}
  std::filesystem::path directory_;
};

} // namespace troupe::sim
