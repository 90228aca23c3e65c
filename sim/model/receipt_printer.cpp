#include "sim/model/receipt_printer.hpp"

#include <algorithm>
#include <array>

namespace troupe::sim {

receipt_printer::receipt_printer(printer_options options)
    : options_(std::move(options)), strip_(options_.width) {
  state_.roll_dots = state_.roll_left = options_.roll_dots;
}

std::size_t receipt_printer::offer(byte_span bytes) {
  if (state_.dead) return 0;
  std::size_t taken = 0;
  auto limit = options_.buffer_bytes + options_.reserve_bytes;
  while (taken < bytes.size()) {
    auto room = limit - std::min(limit, buffered());
    auto portion = bytes.subspan(taken, std::min(room, bytes.size() - taken));
    if (portion.empty()) {
      // Full to the brim: only a complete real-time command still passes, without being stored.
      auto length = real_time_length(bytes.subspan(taken));
      if (length == 0) break;
      for (auto byte : bytes.subspan(taken, length))
        see_arrival(byte);
      taken += length;
      continue;
    }
    store(portion);
    taken += portion.size();
  }
  received_ += taken;
  return taken;
}

/// Byte by byte where a real-time command may stand: it can empty the buffer behind it.
void receipt_printer::store(byte_span bytes) {
  while (!bytes.empty()) {
    auto quiet = quiet_bytes(bytes);
    buffer_.insert(buffer_.end(), bytes.begin(),
                   bytes.begin() + static_cast<std::ptrdiff_t>(quiet));
    if (quiet < bytes.size()) {
      buffer_.push_back(bytes[quiet]);
      see_arrival(bytes[quiet++]);
    }
    bytes = bytes.subspan(quiet);
  }
}

work receipt_printer::process(work budget) {
  auto left = budget;
  has_cut_ = false;
  while (!state_.stopped() && left.rows > 0 && !(budget.until_cut && has_cut_)) {
    if (!jobs_.empty()) {
      step_job(left.rows);
      continue;
    }
    auto portion = std::min(left.bytes, buffered());
    if (state_.dies_after)
      portion = static_cast<std::size_t>(std::min<std::uint64_t>(portion, *state_.dies_after));
    if (portion == 0) break;
    auto used = interpret(byte_span(buffer_).subspan(buffer_read_, portion));
    buffer_read_ += used;
    if (buffer_read_ == buffer_.size()) {
      buffer_.clear();
      buffer_read_ = 0;
    }
    left.bytes -= used;
    if (state_.dies_after && (*state_.dies_after -= used) == 0) die();
  }
  // Moving the rest to the front only when half is read keeps the cost per byte constant.
  if (buffer_read_ > buffer_.size() / 2) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(buffer_read_));
    buffer_read_ = 0;
  }
  return {budget.bytes - left.bytes, budget.rows - left.rows, has_cut_};
}

effects receipt_printer::take_effects() {
  return std::exchange(effects_, {});
}

effects receipt_printer::feed(byte_span bytes, std::size_t* taken) {
  std::size_t done = 0;
  while (true) {
    auto took = offer(bytes.subspan(done));
    done += took;
    auto worked = process();
    if (done == bytes.size() || (took == 0 && worked.bytes == 0 && worked.rows == 0)) break;
  }
  if (taken) *taken = done;
  return take_effects();
}

void receipt_printer::print(bitmap rows) {
  if (rows.height() > 0) jobs_.emplace_back(print_job{std::move(rows)});
}
void receipt_printer::feed_paper(std::size_t rows) {
  if (rows > 0) jobs_.emplace_back(feed_job{rows});
}
void receipt_printer::cut(cut_kind kind) {
  jobs_.emplace_back(kind);
}
void receipt_printer::kick_drawer(std::uint8_t connector, std::uint16_t on_ms) {
  jobs_.emplace_back(drawer_kicked{connector, on_ms});
}
void receipt_printer::answer(byte_vector bytes) {
  jobs_.emplace_back(reply{std::move(bytes)});
}
void receipt_printer::beep() {
  effects_.emplace_back(beeped{});
}

void receipt_printer::answer_now(byte_span bytes) {
  if (state_.silent || state_.dead) return;
  if (effects_.empty() || !std::holds_alternative<reply>(effects_.back()))
    effects_.emplace_back(reply{});
  auto& sent = std::get<reply>(effects_.back()).bytes;
  for (auto byte : bytes) {
    if (state_.garbage) { // xorshift: reproducible rubbish
      garbage_seed_ ^= garbage_seed_ << 13;
      garbage_seed_ ^= garbage_seed_ >> 7;
      garbage_seed_ ^= garbage_seed_ << 17;
      byte = static_cast<std::uint8_t>(garbage_seed_ >> 32);
    }
    sent.push_back(byte);
  }
}

void receipt_printer::kick_drawer_now(std::uint8_t connector, std::uint16_t on_ms) {
  effects_.emplace_back(drawer_kicked{connector, on_ms});
  set_drawer(true);
}

void receipt_printer::step_job(std::size_t& rows_left) {
  bool done = true;
  auto& next = jobs_.front();
  if (auto* rows = std::get_if<print_job>(&next))
    run(*rows, rows_left, done);
  else if (auto* feed = std::get_if<feed_job>(&next))
    run(*feed, rows_left, done);
  else if (auto* kind = std::get_if<cut_kind>(&next))
    run_cut(*kind, done);
  else if (auto* kick = std::get_if<drawer_kicked>(&next))
    kick_drawer_now(kick->connector, kick->on_ms);
  else
    answer_now(std::get<reply>(next).bytes);
  if (done && !jobs_.empty()) jobs_.pop_front();
}

/// How many rows the roll and the strip still let out, at most `wanted`.
std::size_t receipt_printer::advance(std::size_t wanted) {
  auto rows = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, state_.roll_left));
  return std::min(rows, strip_rows - strip_.height());
}

void receipt_printer::run(print_job& job, std::size_t& rows_left, bool& done) {
  auto first = strip_.height();
  auto count = advance(std::min(rows_left, job.rows.height() - job.next));
  for (std::size_t i = 0; i < count; ++i)
    strip_.print_row(job.rows.row(job.next + i));
  job.next += count;
  rows_left -= count;
  done = job.next == job.rows.height();
  put_out(first);
}

void receipt_printer::run(feed_job& job, std::size_t& rows_left, bool& done) {
  auto first = strip_.height();
  auto count = advance(std::min(rows_left, job.rows));
  strip_.feed(count);
  job.rows -= count;
  rows_left -= count;
  done = job.rows == 0;
  put_out(first);
}

/// Reports the rows from `first` on, and notices the end of the roll.
void receipt_printer::put_out(std::size_t first) {
  auto count = strip_.height() - first;
  auto bits = strip_.dots().bits().subspan(first * strip_.dots().stride());
  auto* last = effects_.empty() ? nullptr : std::get_if<rows_printed>(&effects_.back());
  if (count > 0) {
    if (!last)
      last = &std::get<rows_printed>(
          effects_.emplace_back(rows_printed{strip_.number(), first, 0, {}}));
    last->count += count;
    last->bits.insert(last->bits.end(), bits.begin(), bits.end());
  }
  if (strip_.full()) finish_strip(cut_kind::torn);
  state_.roll_left -= count;
  auto before = state_.paper;
  if (state_.roll_left <= options_.near_end_dots && before == paper_state::present)
    state_.paper = paper_state::low;
  if (state_.roll_left == 0) state_.paper = paper_state::out;
  if (state_.paper != before) changed();
}

void receipt_printer::run_cut(cut_kind kind, bool& done) {
  if (state_.cutter_fault) {
    done = false; // the cut is tried again once the jam is cleared
    state_.cutter_jammed = true;
    changed();
    return;
  }
  has_cut_ = true;
  finish_strip(kind);
}

void receipt_printer::finish_strip(cut_kind kind) {
  if (strip_.height() > 0) effects_.emplace_back(receipt_done{strip_.cut(kind)});
}

void receipt_printer::insert_roll(std::optional<std::uint64_t> dots) {
  state_.roll_dots = state_.roll_left =
      std::max<std::uint64_t>(1, dots.value_or(options_.roll_dots));
  state_.paper = dots && *dots <= options_.near_end_dots ? paper_state::low : paper_state::present;
  changed();
}

void receipt_printer::take_paper() {
  if (state_.paper == paper_state::out) return;
  state_.paper = paper_state::out;
  state_.roll_left = 0;
  changed();
}

void receipt_printer::report_paper_low() {
  if (state_.paper == paper_state::low) return;
  if (state_.paper == paper_state::out) state_.roll_left = options_.near_end_dots;
  state_.paper = paper_state::low;
  changed();
}

void receipt_printer::set_cover(bool open) {
  if (std::exchange(state_.cover_open, open) != open) changed();
}

void receipt_printer::set_drawer(bool open) {
  if (std::exchange(state_.drawer_open, open) != open) changed();
}

void receipt_printer::set_fault(printer_fault fault, bool on) {
  switch (fault) {
  case printer_fault::offline:
    state_.offline = on;
    break;
  case printer_fault::garbage:
    state_.garbage = on;
    break;
  case printer_fault::silent:
    state_.silent = on;
    break;
  case printer_fault::cutter:
    state_.cutter_fault = on;
    if (!on) state_.cutter_jammed = false;
    break;
  }
  changed();
}

void receipt_printer::die_after(std::optional<std::uint64_t> bytes) {
  state_.dies_after = bytes;
  if (bytes == 0u) die();
  changed();
}

void receipt_printer::die() {
  state_.dead = true;
  state_.dies_after.reset();
  effects_.emplace_back(state_changed{});
}

void receipt_printer::clear_faults() {
  if (state_.dead) restart();
  state_.offline = state_.garbage = state_.silent = false;
  state_.cutter_fault = state_.cutter_jammed = false;
  state_.dies_after.reset();
  changed();
}

void receipt_printer::press_feed() {
  if (!state_.stopped() && jobs_.empty()) feed_paper(feed_button_rows());
}

void receipt_printer::tear() {
  finish_strip(cut_kind::torn);
}

void receipt_printer::restart() {
  discard_buffer();
  state_.dead = state_.cutter_jammed = false;
  reset_settings();
  changed();
}

void receipt_printer::clear_jam() {
  if (state_.cutter_fault || !std::exchange(state_.cutter_jammed, false)) return;
  changed();
}

void receipt_printer::discard_buffer() {
  buffer_.clear();
  buffer_read_ = 0;
  jobs_.clear();
}

void receipt_printer::changed() {
  effects_.emplace_back(state_changed{});
  status_changed();
}

void receipt_printer::note_unknown(byte_span command) {
  constexpr std::array digits{'0', '1', '2', '3', '4', '5', '6', '7',
                              '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
  std::string name;
  for (auto byte : command) {
    if (!name.empty()) name += ' ';
    name += digits[byte >> 4];
    name += digits[byte & 15];
  }
  auto known = unknown_.find(name);
  if (known != unknown_.end())
    ++known->second;
  else if (unknown_.size() < unknown_kinds)
    unknown_.emplace(std::move(name), 1);
}

} // namespace troupe::sim
