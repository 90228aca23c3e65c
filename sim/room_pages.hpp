#pragma once

#include "sim/printer_actor.hpp"
#include "transport/websocket.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace troupe::sim {

/// Pages that may watch at once.
constexpr std::size_t room_pages_limit = 32;
/// Bytes queued for one page; what does not fit is left out with a gap.
constexpr std::size_t page_queue_bytes = 256 * 1024;
/// Rows in one message, and rows gathered between two rounds before the oldest are left out.
constexpr std::size_t rows_a_message = 512;
constexpr std::size_t gathered_rows = 4096;
/// Rows of a hanging strip that a new page gets.
constexpr std::size_t first_rows = 2048;

/// The open pages of the paper room: gathers rows of all printers and sends them out in rounds.
/// Knows nothing of actors or clocks: the room calls it.
class room_pages {
public:
  using session = transport::websocket_ptr;

  std::size_t size() const { return pages_.size(); }
  void add(session page);
  void remove(const transport::websocket_session* page);
  /// Brings a new page up to date with one printer, which it then follows.
  void welcome(const session& page, const printer_snapshot& seen, const strip_picture& strip);

  void gather(const std::string& printer, const rows_printed& rows);
  /// Sends out what was gathered of this printer.
  void flush(const std::string& printer);
  void flush_all();
  /// To every page that follows the printer; a page that cannot take it is closed (1013).
  void tell(const std::string& printer, const std::string& message);
  /// To every page that follows the printer; a page that cannot take it goes without.
  void tell_state(const printer_snapshot& seen);
  /// To every page; one that cannot take it goes without.
  void tell_all(const std::string& message);
  void close_all();
  bool anything_gathered() const { return !gathered_.empty(); }

private:
  struct missing_rows {
    std::uint64_t receipt = 0;
    std::size_t first = 0, count = 0;
  };
  struct page {
    session socket;
    std::map<std::string, missing_rows> follows; // printers, with the rows it missed last
  };
  struct gathered {
    std::uint64_t receipt = 0;
    std::size_t first = 0, count = 0, left_out = 0, row_bytes = 0;
    byte_vector bits;
  };
  static void send_rows(page& to, const std::string& printer, std::uint64_t receipt,
                        std::size_t first, std::size_t count,
                        const std::shared_ptr<const std::string>& message);
  static bool send_gap(page& to, const std::string& printer, missing_rows& missing);

  std::vector<page> pages_;
  std::map<std::string, gathered> gathered_;
};

} // namespace troupe::sim
