#pragma once

#include "messages/bytes.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What an ESC/POS printer says of itself. Bits: Epson's ESC/POS command reference, "DLE EOT",
/// "GS a", "GS r", "GS ( H".
namespace troupe::printer {

/// State of a printer as last heard.
struct printer_status {
  bool online = true;
  bool cover_open = false;
  bool paper_end = false;
  bool paper_near_end = false;
  bool drawer_pin_high = false;  ///< pin 3 of the drawer connector
  bool drawer_open = false;      ///< what the pin means, see `drawer_level`
  bool mechanical_error = false; ///< recoverable by hand: jammed paper
  bool cutter_error = false;
  bool unrecoverable_error = false;
  bool recoverable_error = false; ///< goes away by itself: the head is too hot, the cover was open
  bool paper_feed_pressed = false;
  friend bool operator==(const printer_status&, const printer_status&) = default;
};

/// Level of pin 3 when the drawer is open. Epson's own default is low: the pin is high with the
/// drawer closed, and without any drawer.
enum class drawer_level : std::uint8_t { low, high };

/// `DLE EOT 1` to `4`: asks for printer, offline cause, error cause and paper, answered at once
/// even when the printer is offline or its buffer is full.
byte_vector realtime_request();

/// `GS a n`: has the printer report each change of drawer, online state, errors and paper by
/// itself.
byte_vector automatic_status_request(bool on);

/// How a printer is asked to say that a job is through.
enum class job_end : std::uint8_t {
  none,          ///< not at all
  status_answer, ///< `GS r 1`: known to almost all; answered when its turn in the buffer comes
  process_id     ///< `GS ( H`: answered when the paper is printed; newer Epson printers only, since
                 ///< others may print it as text
};

/// Four characters that tell jobs apart: the last four decimal digits of the number.
std::string process_id_of(std::uint64_t job_number);

/// Appends the question that the printer answers when it has done everything before.
void append_job_end(job_end kind, std::string_view process_id, byte_vector& out);

/// Brings a broken job to its end, so that the next one is neither taken for its data nor on the
/// same piece of paper: as many NUL as the longest command written here has bytes behind its head
/// (a raster slice of 255 rows of 104 bytes; between commands ESC/POS printers skip NUL), then a
/// line feed, feed and cut (`GS V 65 10`), and `ESC @`, for its style ends with it.
byte_vector broken_job_end();

/// What one chunk of answers brought.
struct heard {
  bool status = false;              ///< the status was heard, whether it changed or not
  unsigned job_answers = 0;         ///< answers to `GS r 1`
  std::vector<std::string> job_ids; ///< answers to `GS ( H`, four characters each
  unsigned stray_bytes = 0;         ///< bytes that belong to no answer
};

/// Takes the byte stream of a printer apart, in chunks of any size. Answers are told apart by their
/// fixed bits; those to `DLE EOT` and `GS r` bear no name and are matched to the questions in
/// order.
class status_reader {
public:
  explicit status_reader(drawer_level open_at = drawer_level::low) : open_at_(open_at) {}

  /// To be called when `realtime_request()` is sent: four answers are due. Forgets earlier ones
  /// that never came.
  void expect_realtime();
  /// To be called when `append_job_end(status_answer)` is sent.
  void expect_job_answer();
  /// Forgets what was due and half heard; for a new connection.
  void reset();

  heard read(byte_span chunk);

  /// As last heard; the state of a healthy printer before anything was.
  const printer_status& status() const { return status_; }
  /// Answers to `DLE EOT` that are still due, 0 to 4.
  unsigned realtime_due() const { return realtime_due_; }

private:
  void read_byte(std::uint8_t byte, heard& result);
  bool continue_block(std::uint8_t byte, heard& result);
  void take_realtime(std::uint8_t byte, heard& result);
  void take_automatic(heard& result);
  void take_named(heard& result);
  void set_drawer(bool high);

  enum class block : std::uint8_t { none, automatic, named };

  drawer_level open_at_;
  printer_status status_;
  bool stopped_for_paper_ = false;
  unsigned realtime_due_ = 0;
  unsigned job_answers_due_ = 0;
  block block_ = block::none;
  std::array<std::uint8_t, 84> held_{}; ///< a header, an identifier and at most 80 bytes
  std::size_t held_count_ = 0;
};

} // namespace troupe::printer
