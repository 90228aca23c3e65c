#include "store/postgres_faults.hpp"

namespace troupe::store {

namespace {

/// The first line, without the line end that libpq puts behind each.
std::string first_line(std::string_view words) {
  return std::string(words.substr(0, words.find('\n')));
}

} // namespace

fault postgres_gone(std::string_view words) {
  const auto line = first_line(words);
  return {"store.unreachable",
          "The server's database cannot be reached" + (line.empty() ? "" : ": " + line) + ".",
          "Look whether PostgreSQL runs; the server goes on by itself when it is back.", 503};
}

fault postgres_fault(std::string_view state, std::string_view words) {
  const auto of_class = [state](std::string_view prefix) { return state.starts_with(prefix); };
  if (state == "53100")
    return {"store.disk_full", "The disk of the database is full: nothing can be written.",
            "Free some space on the disk of PostgreSQL; the server goes on by itself then.", 507};
  if (of_class("57P0") || of_class("08") || of_class("53")) return postgres_gone(words);
  if (state == "42501" || of_class("28") || of_class("25006"))
    return {"store.no_permission",
            "The server may not write to its database: " + first_line(words) + ".",
            "Make the database belong to the user that stands in its address.", 500};
  if (of_class("23"))
    return {"store.conflict", "That is there already, or what it belongs to is gone.",
            "Look at the present state and try again.", 409};
  if (state == "22021" || state == "22P05")
    return {"store.bad_text", "A text holds what is no Unicode text.",
            "Leave control characters out.", 422};
  if (of_class("XX00"))
    return {"store.corrupt", "The database is damaged: " + first_line(words) + ".",
            "Stop the server and put back the last backup of the database.", 500};
  if (state == "55P03" || of_class("40"))
    return {"store.locked", "The database is in use by another program.",
            "Close the other program that works on this database.", 503};
  return {"store.io", "The database reported \"" + first_line(words) + "\".",
          "Please report this with the server's log.", 500};
}

} // namespace troupe::store
