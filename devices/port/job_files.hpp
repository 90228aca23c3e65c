#pragma once

#include "messages/bytes.hpp"
#include "messages/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace troupe::port {

/// Writes jobs as numbered files into a directory; blocks. See `file_port` for names and faults.
class job_files {
public:
  explicit job_files(std::filesystem::path directory) : directory_(std::move(directory)) {}
  ~job_files();
  job_files(const job_files&) = delete;
  job_files& operator=(const job_files&) = delete;

  /// Makes the directory if it is missing and finds the next number.
  result<bool> open();
  /// Appends to the current job, which begins with the first write.
  result<std::size_t> write(byte_span bytes);
  /// Ends the current job under its final name; gives its bytes. Without a job: 0, and no file.
  result<std::size_t> finish_job();

private:
  result<bool> begin_job();
  std::filesystem::path path_of(const char* ending) const;
  void close_file();

  std::filesystem::path directory_;
  std::uint64_t number_ = 0;
  int file_ = -1;
  std::size_t job_bytes_ = 0;
};

} // namespace troupe::port
