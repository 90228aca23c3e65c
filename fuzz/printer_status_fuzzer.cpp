// links: troupe_printer
#include "devices/printer/status.hpp"

#include <algorithm>
#include <cstdlib>

/// Any answers, in chunks of any size, read as in one piece; no byte is counted twice.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;
  if (size < 1) return 0;
  const std::size_t chunk = 1 + data[0] % 7;
  const byte_span bytes(data + 1, size - 1);
  printer::status_reader whole;
  printer::status_reader split;
  for (auto* reader : {&whole, &split}) {
    reader->expect_realtime();
    reader->expect_job_answer();
  }
  const auto all = whole.read(bytes);
  printer::heard sum;
  for (std::size_t at = 0; at < bytes.size(); at += chunk) {
    auto part = split.read(bytes.subspan(at, std::min(chunk, bytes.size() - at)));
    sum.status |= part.status;
    sum.job_answers += part.job_answers;
    sum.stray_bytes += part.stray_bytes;
    sum.job_ids.insert(sum.job_ids.end(), part.job_ids.begin(), part.job_ids.end());
  }
  if (sum.status != all.status || sum.job_answers != all.job_answers ||
      sum.stray_bytes != all.stray_bytes || sum.job_ids != all.job_ids ||
      !(whole.status() == split.status()))
    std::abort();
  if (all.stray_bytes > bytes.size() || all.job_answers > 1) std::abort();
  for (const auto& id : all.job_ids)
    if (id.size() != 4) std::abort();
  return 0;
}
