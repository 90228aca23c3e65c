#pragma once

#include "messages/bytes.hpp"
#include "messages/printing.hpp"
#include "messages/result.hpp"

#include <cstddef>
#include <utility>
#include <variant>

namespace troupe::printer {

/// Bytes that one document may become; a metre of paper in dots is about 0.6 MiB.
inline constexpr std::size_t max_encoded_bytes = 32 * 1024 * 1024;

/// Has `encode_one` append each operation to `out`. On a fault `out` is as it was before; beside
/// the encoder's own there is document.too_large.
template <class Encoder>
result<bool> encode_operations(const printing::document& document, Encoder encode_one,
                               byte_vector& out) {
  const auto before = out.size();
  for (const auto& operation : document.operations) {
    auto done = std::visit(encode_one, operation);
    if (done && out.size() - before > max_encoded_bytes)
      done = fault{"document.too_large", "The document is too large to print.",
                   "Print it in parts.", 413};
    if (!done) {
      out.resize(before);
      return done.error();
    }
  }
  return true;
}

} // namespace troupe::printer
