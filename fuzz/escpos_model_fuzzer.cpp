// links: troupe_sim_model
// Any bytes, in any portions, with any faults: the model neither crashes, hangs nor grows without
// bound.
#include "sim/model/escpos_printer.hpp"

#include <cstdlib>

using namespace troupe;
using namespace troupe::sim;

/// Plays the person at the counter, as one byte of the input says.
static void play(escpos_printer& printer, std::uint8_t choice) {
  switch (choice & 15) {
  case 0:
    printer.take_paper();
    break;
  case 1:
    printer.insert_roll();
    break;
  case 2:
    printer.set_cover(choice & 16);
    break;
  case 3:
    printer.set_fault(printer_fault::cutter, choice & 16);
    break;
  case 4:
    printer.set_fault(printer_fault::garbage, choice & 16);
    break;
  case 5:
    printer.press_feed();
    break;
  case 6:
    printer.tear();
    break;
  case 7:
    printer.restart();
    break;
  case 8:
    printer.die_after(choice);
    break;
  case 9:
    printer.clear_faults();
    break;
  case 10:
    printer.set_drawer(choice & 16);
    break;
  case 11:
    printer.report_paper_low();
    break;
  default:
    break;
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t rows_a_run = 20000; // keeps one input to milliseconds
  printer_options options;
  options.buffer_bytes = 2048;
  options.roll_dots = rows_a_run;
  escpos_printer printer(options);
  byte_span input(data, size);
  std::size_t rows = 0;
  while (!input.empty() && rows < rows_a_run) {
    auto choice = input[0];
    input = input.subspan(1);
    auto portion = input.first(std::min<std::size_t>(input.size(), choice & 0x80 ? 3 : 200));
    if (choice & 0x80) play(printer, choice);
    auto taken = printer.offer(portion);
    auto worked = printer.process({.bytes = 500, .rows = 1000});
    if (worked.bytes > 500 || worked.rows > 1000) std::abort();
    rows += worked.rows;
    input = input.subspan(portion.size());
    if (taken > portion.size() || printer.buffered() > options.buffer_bytes + options.reserve_bytes)
      std::abort();
    for (const auto& effect : printer.take_effects())
      if (auto* done = std::get_if<receipt_done>(&effect))
        if (done->receipt.height > strip_rows || done->receipt.text.size() > receipt_text_bytes)
          std::abort();
  }
  return 0;
}
