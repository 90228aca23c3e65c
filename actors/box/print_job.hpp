#pragma once

#include "devices/printer/language.hpp"
#include "devices/printer/ticket.hpp"
#include "messages/action.hpp"
#include "messages/device.hpp"
#include "messages/result.hpp"

#include <vector>

/// From an action to the bytes of a print job: pure, and slow enough to belong to a worker.
namespace troupe::box {

/// What a printer understands, from its description; ESC/POS when nothing is said.
printer::language language_of(const device_description& description);

/// Whether a printer of this language answers status questions.
bool answers_status(printer::language language);

/// The document that an action prints: its own, or what its name stands for (cashbox, status).
/// Fault "action.unknown_action" (422).
result<printing::document> document_of(const action_request& request, const printer::ticket& facts);

/// The bytes of the job in pieces for the port, the question for its end included.
result<std::vector<shared_bytes>> encode_job(const printing::document& document,
                                             const device_description& description);

} // namespace troupe::box
