// What the printer says of itself. Bits from Epson's public command reference.
#include "sim/model/escpos_printer.hpp"

#include <algorithm>

namespace troupe::sim {

using namespace escpos;

std::size_t escpos_printer::quiet_bytes(byte_span bytes) const {
  if (!arriving_.empty()) return 0;
  return static_cast<std::size_t>(std::find(bytes.begin(), bytes.end(), dle) - bytes.begin());
}

void escpos_printer::see_arrival(std::uint8_t byte) {
  if (arriving_.empty() && byte != dle) return;
  arriving_.push_back(byte);
  if (arriving_.size() < 2) return;
  auto shape = shape_of(arriving_);
  if (shape.what == body::unfinished) return;
  auto command = std::exchange(arriving_, {});
  if (shape.what == body::none)
    run_real_time(command);
  else if (byte == dle)
    arriving_.push_back(dle);
}

void escpos_printer::run_real_time(byte_span command) {
  auto n = command[2];
  if (command[1] == eot) {
    const std::uint8_t status[] = {real_time_status(n)};
    if (n >= 1 && n <= 4) answer_now(status);
  } else if (command[1] == enq) {
    if (n == 1 || n == 2) recover(n == 2);
  } else if (n == 1) {
    constexpr std::uint16_t unit_ms = 100;
    if (!state().cutter_jammed) // the real ones refuse it only in an error state
      kick_drawer_now(command[3] & 1, static_cast<std::uint16_t>(command[4] * unit_ms));
  } else if (n == 3) {
    beep();
  } else if (n == 8) {
    constexpr std::uint8_t key[] = {1, 3, 20, 1, 6, 2, 8};
    if (!std::equal(std::begin(key), std::end(key), command.begin() + 3)) return;
    recover(true);
    constexpr std::uint8_t cleared[] = {0x37, 0x25, 0x00};
    answer_now(cleared);
  }
}

void escpos_printer::recover(bool clear) {
  if (clear) {
    discard_buffer();
    line_.discard();
    line_text_.clear();
    phase_ = phase::text;
    header_.clear();
    data_.clear();
  }
  clear_jam();
}

std::uint8_t escpos_printer::real_time_status(std::uint8_t kind) const {
  const auto& s = state();
  unsigned status = 0x12; // bits 1 and 4 are always set
  switch (kind) {
  case 1:
    if (drawer_pin_high()) status |= 0x04;
    if (s.stopped()) status |= 0x08;
    break;
  case 2:
    if (s.cover_open) status |= 0x04;
    if (s.paper == paper_state::out) status |= 0x20;
    if (s.cutter_jammed) status |= 0x40;
    break;
  case 3:
    if (s.cutter_jammed) status |= 0x08;
    break;
  case 4:
    if (s.paper != paper_state::present) status |= 0x0C;
    if (s.paper == paper_state::out) status |= 0x60;
    break;
  default:
    break;
  }
  return static_cast<std::uint8_t>(status);
}

std::array<std::uint8_t, 4> escpos_printer::automatic_status() const {
  const auto& s = state();
  std::array<std::uint8_t, 4> block{0x10, 0x00, 0x00, 0x0F};
  if (drawer_pin_high()) block[0] |= 0x04;
  if (s.stopped()) block[0] |= 0x08;
  if (s.cover_open) block[0] |= 0x20;
  if (s.cutter_jammed) block[1] |= 0x08;
  if (s.paper != paper_state::present) block[2] |= 0x03;
  if (s.paper == paper_state::out) block[2] |= 0x0C;
  return block;
}

void escpos_printer::set_automatic_status(std::uint8_t categories) {
  set_.automatic_status = categories;
  last_status_ = automatic_status();
  if (categories != 0) answer_now(last_status_);
}

void escpos_printer::status_changed() {
  if (set_.automatic_status == 0) return;
  auto block = automatic_status();
  auto changed = [&](std::size_t byte, unsigned bits) {
    return ((block[byte] ^ last_status_[byte]) & bits) != 0;
  };
  auto asked = set_.automatic_status;
  bool tell = ((asked & 1) && changed(0, 0x04)) || ((asked & 2) && changed(0, 0x28)) ||
              ((asked & 4) && changed(1, 0xFF)) || ((asked & 8) && changed(2, 0xFF));
  last_status_ = block;
  if (tell) answer_now(block);
}

/// `GS r n`: 1 = paper, 2 = drawer.
void escpos_printer::answer_sensor(std::uint8_t kind) {
  if ((kind & 0x0F) == 1) {
    unsigned status = state().paper == paper_state::present ? 0x00 : 0x03;
    answer({static_cast<std::uint8_t>(status)});
  } else if ((kind & 0x0F) == 2) {
    answer({static_cast<std::uint8_t>(drawer_pin_high() ? 0x01 : 0x00)});
  }
}

void escpos_printer::answer_identity(std::uint8_t kind) {
  constexpr std::uint8_t model_id = 0x20, has_cutter = 0x02, rom_version = 0x01;
  auto text = [&](const std::string& value) {
    byte_vector bytes{'_'};
    bytes.insert(bytes.end(), value.begin(), value.end());
    bytes.push_back(0);
    answer(std::move(bytes));
  };
  switch (kind) {
  case 1:
  case 49:
    return answer({model_id});
  case 2:
  case 50:
    return answer({has_cutter});
  case 3:
  case 51:
    return answer({rom_version});
  case 65:
    return text(options().firmware);
  case 66:
    return text(options().maker);
  case 67:
    return text(options().model);
  case 68:
    return text(options().serial);
  case 69:
    return text(""); // no extra fonts
  default:
    note_unknown(header_);
  }
}

/// `GS ( H`: function 48 answers its number once all before it is printed.
void escpos_printer::answer_process(byte_span data) {
  if (data.size() != 6 || data[0] != 48 || data[1] != 48) return note_unknown(header_);
  answer({0x37, 0x22, data[2], data[3], data[4], data[5], 0x00});
}

} // namespace troupe::sim
