// links: troupe_transport
#include "transport/dialects/epos.hpp"

#include <cstddef>
#include <cstdint>

/// Anybody whose origin is allowed may send XML: it must never crash, hang or take memory without
/// bound, and what it reads must keep the promises of messages/printing.hpp.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;
  const auto request = dialects::read_epos({reinterpret_cast<const char*>(data), size});
  if (!request) return request.error().code.rfind("epos.", 0) == 0 ? 0 : (__builtin_trap(), 0);
  for (const auto& operation : request->document.operations) {
    if (const auto* raster = std::get_if<printing::raster>(&operation))
      if (raster->bits.size() != (raster->width + std::size_t{7}) / 8 * raster->height)
        __builtin_trap();
    if (const auto* text = std::get_if<printing::text>(&operation))
      if (text->width < 1 || text->width > 8 || text->height < 1 || text->height > 8)
        __builtin_trap();
  }
  dialects::write_epos({.success = true,
                        .code = {},
                        .status = 0,
                        .job = request->parameters.job,
                        .device = request->parameters.device});
  return 0;
}
