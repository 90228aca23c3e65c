#include "devices/printer/status.hpp"

#include <algorithm>

namespace troupe::printer {
namespace {

constexpr std::uint8_t xon = 0x11;
constexpr std::uint8_t xoff = 0x13;
constexpr std::uint8_t named_header = 0x37;
constexpr std::uint8_t process_id_identifier = 0x22;
constexpr std::size_t automatic_bytes = 4;
constexpr std::size_t process_id_bytes = 4;
/// Questions by `GS r` that may be open; a job asks one.
constexpr unsigned max_job_answers_due = 64;
/// Of `GS a`: drawer, online, errors, paper.
constexpr std::uint8_t reported_changes = 0x0F;

/// Fixed bits 0xx1xx10.
bool is_realtime(std::uint8_t byte) {
  return (byte & 0x93) == 0x12;
}
/// First byte 0xx1xx00.
bool is_automatic(std::uint8_t byte) {
  return (byte & 0x93) == 0x10;
}
/// Answers to `GS r`, and the second to fourth byte of automatic status: 0xx0xxxx.
bool is_plain(std::uint8_t byte) {
  return (byte & 0x90) == 0x00;
}

} // namespace

byte_vector realtime_request() {
  return {0x10, 0x04, 0x01, 0x10, 0x04, 0x02, 0x10, 0x04, 0x03, 0x10, 0x04, 0x04};
}

byte_vector automatic_status_request(bool on) {
  return {0x1D, 0x61, on ? reported_changes : std::uint8_t{0}};
}

std::string process_id_of(std::uint64_t job_number) {
  auto digits = std::to_string(job_number % 10'000);
  return std::string(process_id_bytes - digits.size(), '0') + digits;
}

void append_job_end(job_end kind, std::string_view process_id, byte_vector& out) {
  if (kind == job_end::status_answer) {
    out.insert(out.end(), {0x1D, 0x72, 0x01});
  } else if (kind == job_end::process_id) {
    out.insert(out.end(), {0x1D, 0x28, 0x48, 0x06, 0x00, 0x30, 0x30});
    for (std::size_t i = 0; i < process_id_bytes; ++i) {
      const char c = i < process_id.size() ? process_id[i] : ' ';
      out.push_back(c >= 0x20 && c <= 0x7E ? static_cast<std::uint8_t>(c) : '?');
    }
  }
}

byte_vector broken_job_end() {
  constexpr std::size_t rows = 255, row_bytes = 104;
  byte_vector bytes(rows * row_bytes, 0);
  bytes.insert(bytes.end(), {0x0A, 0x1D, 0x56, 0x41, 0x0A, 0x1B, 0x40});
  return bytes;
}

void status_reader::expect_realtime() {
  realtime_due_ = 4;
}

void status_reader::expect_job_answer() {
  job_answers_due_ = std::min(job_answers_due_ + 1, max_job_answers_due);
}

void status_reader::reset() {
  realtime_due_ = 0;
  job_answers_due_ = 0;
  block_ = block::none;
  held_count_ = 0;
}

heard status_reader::read(byte_span chunk) {
  heard result;
  for (auto byte : chunk)
    read_byte(byte, result);
  return result;
}

void status_reader::read_byte(std::uint8_t byte, heard& result) {
  if (block_ != block::none && continue_block(byte, result)) return;
  if (byte == xon || byte == xoff) return;
  if (byte == named_header || is_automatic(byte)) {
    block_ = byte == named_header ? block::named : block::automatic;
    held_[0] = byte;
    held_count_ = 1;
  } else if (is_realtime(byte) && realtime_due_ > 0) {
    take_realtime(byte, result);
  } else if (is_plain(byte) && job_answers_due_ > 0) {
    --job_answers_due_;
    ++result.job_answers;
  } else {
    ++result.stray_bytes;
  }
}

/// False when the byte cannot belong to the block, which is dropped then.
bool status_reader::continue_block(std::uint8_t byte, heard& result) {
  // Flow control may come in between; inside a named block both are below any data byte.
  if (byte == xon || byte == xoff) return true;
  const bool ends_named = block_ == block::named && byte == 0x00 && held_count_ >= 2;
  const bool fits = block_ == block::automatic
                        ? is_plain(byte)
                        : ends_named || (byte >= 0x20 && byte < 0x7F && held_count_ < held_.size());
  if (!fits) {
    result.stray_bytes += static_cast<unsigned>(held_count_);
    block_ = block::none;
    return false;
  }
  if (ends_named) {
    take_named(result);
    block_ = block::none;
    return true;
  }
  held_[held_count_++] = byte;
  if (block_ == block::automatic && held_count_ == automatic_bytes) {
    take_automatic(result);
    block_ = block::none;
  }
  return true;
}

void status_reader::set_drawer(bool high) {
  status_.drawer_pin_high = high;
  status_.drawer_open = high == (open_at_ == drawer_level::high);
}

void status_reader::take_realtime(std::uint8_t byte, heard& result) {
  switch (realtime_due_--) {
  case 4: // DLE EOT 1: the printer
    set_drawer((byte & 0x04) != 0);
    status_.online = (byte & 0x08) == 0;
    break;
  case 3: // DLE EOT 2: why it is offline
    status_.cover_open = (byte & 0x04) != 0;
    status_.paper_feed_pressed = (byte & 0x08) != 0;
    stopped_for_paper_ = (byte & 0x20) != 0;
    break;
  case 2: // DLE EOT 3: errors
    status_.mechanical_error = (byte & 0x04) != 0;
    status_.cutter_error = (byte & 0x08) != 0;
    status_.unrecoverable_error = (byte & 0x20) != 0;
    status_.recoverable_error = (byte & 0x40) != 0;
    break;
  default: // DLE EOT 4: paper
    status_.paper_near_end = (byte & 0x0C) != 0;
    status_.paper_end = (byte & 0x60) != 0 || stopped_for_paper_;
    break;
  }
  result.status = true;
}

void status_reader::take_automatic(heard& result) {
  const auto printer = held_[0];
  const auto errors = held_[1];
  const auto paper = held_[2];
  set_drawer((printer & 0x04) != 0);
  status_.online = (printer & 0x08) == 0;
  status_.cover_open = (printer & 0x20) != 0;
  status_.paper_feed_pressed = (printer & 0x40) != 0;
  status_.mechanical_error = (errors & 0x04) != 0;
  status_.cutter_error = (errors & 0x08) != 0;
  status_.unrecoverable_error = (errors & 0x20) != 0;
  status_.recoverable_error = (errors & 0x40) != 0;
  status_.paper_near_end = (paper & 0x03) != 0;
  status_.paper_end = (paper & 0x0C) != 0;
  stopped_for_paper_ = false;
  result.status = true;
}

void status_reader::take_named(heard& result) {
  if (held_[1] == process_id_identifier && held_count_ == 2 + process_id_bytes)
    result.job_ids.emplace_back(held_.begin() + 2, held_.begin() + 2 + process_id_bytes);
  else if (held_[1] == process_id_identifier)
    result.stray_bytes += static_cast<unsigned>(held_count_) + 1;
}

} // namespace troupe::printer
