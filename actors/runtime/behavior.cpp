#include "actors/runtime/behavior.hpp"

#include "actors/runtime/environment.hpp"
#include "actors/runtime/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/message_view.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/sec.hpp>
#include <caf/type_nr.hpp>

#include <cstdlib>
#include <cxxabi.h>
#include <exception>
#include <memory>
#include <utility>

namespace troupe::runtime {

namespace {

const logger& actor_log() {
  static const logger instance("runtime.actor");
  return instance;
}

/// The types of a message's elements; not its content, which may be secret.
std::string types_of(const caf::message& content) {
  std::string out;
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (i > 0) out += ", ";
    const auto type = content.type(i);
    if (type.second == nullptr) {
      out += caf::numbered_type_names[type.first - 1];
      continue;
    }
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> plain(
        abi::__cxa_demangle(type.second->name(), nullptr, nullptr, &status), &std::free);
    out += plain ? plain.get() : type.second->name();
  }
  return out;
}

caf::result<caf::message> refuse_unknown(caf::scheduled_actor* self, caf::message_view& view) {
  actor_log().warning("{} got a message it does not know: {}", actor_name(self),
                      types_of(view.move_content_to_message()));
  return caf::make_error(caf::sec::unexpected_message);
}

void note_error(caf::scheduled_actor* self, caf::error& error) {
  actor_log().warning("{} got an error answer nobody waited for: {}", actor_name(self),
                      to_text(error));
}

void note_down(caf::scheduled_actor* self, caf::down_msg& message) {
  actor_log().debug("{} heard of an end: {}", actor_name(self), to_text(message.reason));
}

trace_context& failed_trace() {
  thread_local trace_context trace;
  return trace;
}

caf::error note_exception(caf::scheduled_actor* self, std::exception_ptr& thrown) {
  std::string text = "unknown exception";
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    text = error.what();
  } catch (...) { // the text above says all there is
  }
  const trace_scope scope(std::exchange(failed_trace(), {}));
  actor_log().error("{} failed: {}", actor_name(self), text);
  return to_error({"actor.failed", "A part of the program failed: " + text + ".",
                   "It is started again by itself; the log has more.", 500});
}

} // namespace

void detail::remember_failed_trace(const trace_context& trace) noexcept {
  failed_trace() = trace;
}

void prepare(caf::scheduled_actor* self, std::string name) {
  environment::of(self->home_system()).enlist(self, std::move(name));
  self->set_default_handler(refuse_unknown);
  self->set_error_handler(note_error);
  self->set_down_handler(note_down);
  self->set_exception_handler(note_exception);
}

std::string actor_name(const caf::scheduled_actor* self) {
  auto name = environment::of(self->home_system()).name_of(self->id());
  return name.empty() ? std::string(self->name()) : name;
}

} // namespace troupe::runtime
