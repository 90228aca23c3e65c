#include "actors/box/print_job.hpp"

#include "actors/box/printer_core.hpp"
#include "devices/printer/name_options.hpp"
#include "devices/printer/status.hpp"

#include <algorithm>

namespace troupe::box {

printer::language language_of(const device_description& description) {
  const auto named = printer::language_named(description.language);
  const auto language = named.value_or(printer::language::escpos);
  if (language == printer::language::escpos &&
      printer::read_name_options(description.name).column_mode)
    return printer::language::escpos_column;
  return language;
}

bool answers_status(printer::language language) {
  return language == printer::language::escpos || language == printer::language::escpos_column;
}

result<printing::document> document_of(const action_request& request,
                                       const printer::ticket& facts) {
  if (!request.document.operations.empty()) return request.document;
  if (request.action == "cashbox") return printing::document{{printing::drawer_pulse{}}};
  if (request.action == "status") return printer::make_ticket(facts);
  if (request.action == "print" || request.action == "print_receipt")
    return fault{"document.empty", "There is nothing to print.",
                 "Send a document with at least one operation.", 422};
  return fault{"action.unknown_action", "A printer cannot do \"" + request.action + "\".",
               "It can print, print_receipt, cashbox and status.", 422};
}

result<std::vector<shared_bytes>> encode_job(const printing::document& document,
                                             const device_description& description) {
  const auto language = language_of(description);
  const auto options = printer::read_name_options(description.name).applied_to({});
  auto bytes = printer::encode(language, document, options);
  if (!bytes) {
    bytes.error().status = 422;
    return std::move(bytes.error());
  }
  if (answers_status(language))
    printer::append_job_end(printer::job_end::status_answer, {}, *bytes);
  std::vector<shared_bytes> pieces;
  pieces.reserve(bytes->size() / write_piece_bytes + 1);
  for (std::size_t at = 0; at < bytes->size(); at += write_piece_bytes) {
    const auto end = std::min(at + write_piece_bytes, bytes->size());
    pieces.emplace_back(byte_vector(bytes->begin() + static_cast<std::ptrdiff_t>(at),
                                    bytes->begin() + static_cast<std::ptrdiff_t>(end)));
  }
  return pieces;
}

} // namespace troupe::box
