#pragma once

#include "actors/runtime/local_messages.hpp"
#include "messages/result.hpp"

#include <caf/error.hpp>
#include <caf/make_message.hpp>
#include <caf/result.hpp>

#include <string>
#include <utility>

/// Faults travel between actors inside `caf::error` (category "troupe") and come out unchanged.
namespace troupe::runtime {

caf::error to_error(fault content);

/// Our own faults come back as they were; what CAF reports gets a text for people:
/// "actor.timeout" (504), "actor.down" (503), "actor.stopped" (503), "actor.unexpected_message",
/// "actor.unexpected_answer", "actor.failed" (500).
fault to_fault(const caf::error& error);

/// One line for logs and health pages; empty for an error that is none (a normal end).
std::string to_text(const caf::error& error);

/// True for a normal end and an orderly stop (`exit_reason::normal`, `user_shutdown`).
bool is_orderly(const caf::error& reason);

template <class T>
caf::result<T> to_answer(result<T> content) {
  if (content) return caf::result<T>{*std::move(content)};
  return to_error(std::move(content.error()));
}

} // namespace troupe::runtime
