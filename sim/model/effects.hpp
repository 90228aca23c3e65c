#pragma once

#include "messages/bytes.hpp"
#include "sim/model/paper.hpp"

#include <cstdint>
#include <variant>
#include <vector>

namespace troupe::sim {

/// Bytes that the printer sends back to its host.
struct reply {
  byte_vector bytes;
};

/// Paper that came out: `count` packed rows from row `first` of the receipt with that number.
struct rows_printed {
  std::uint64_t receipt = 0;
  std::size_t first = 0;
  std::size_t count = 0;
  byte_vector bits;
};

/// The strip was cut or torn off.
struct receipt_done {
  sim::receipt receipt;
};

/// A pulse went to a drawer connector: 0 (pin 2) or 1 (pin 5).
struct drawer_kicked {
  std::uint8_t connector = 0;
  std::uint16_t on_ms = 0;
};

struct beeped {};

/// Something a person can see is different: see `receipt_printer::state`.
struct state_changed {};

/// What a printer model did, in order; the shell around it carries it out.
using effect =
    std::variant<reply, rows_printed, receipt_done, drawer_kicked, beeped, state_changed>;
using effects = std::vector<effect>;

} // namespace troupe::sim
