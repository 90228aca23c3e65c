#pragma once

#include "actors/runtime/faults.hpp"
#include "actors/runtime/local_messages.hpp"
#include "messages/result.hpp"
#include "messages/trace.hpp"

#include <caf/actor_addr.hpp>
#include <caf/duration.hpp>
#include <caf/error.hpp>
#include <caf/make_message.hpp>
#include <caf/result.hpp>

#include <chrono>
#include <string>
#include <type_traits>
#include <utility>

namespace caf {
class scheduled_actor;
}

/// How an actor is written (docs/actors.md walks through it): its header holds the typed interface
/// and a factory; the `.cpp` holds one state struct and a short behaviour function.
///
///     // doorbell.hpp
///     using doorbell_actor = caf::typed_actor<
///         caf::replies_to<ring>::with<ring_count>>;      // counts, answers how often it rang
///     doorbell_actor spawn_doorbell(caf::actor_system& system);
///
///     // doorbell.cpp
///     struct doorbell_state { std::uint32_t rings = 0; };
///     using self_pointer = doorbell_actor::stateful_pointer<doorbell_state>;
///     doorbell_actor::behavior_type doorbell(self_pointer self) {
///       runtime::prepare(self, "doorbell");
///       return {
///           runtime::traced([self](const ring& message) -> result<ring_count> {
///             if (message.softly) return fault{"doorbell.too_soft", "Nobody heard it."};
///             return ring_count{.count = ++self->state.rings};
///           }),
///       };
///     }
///     doorbell_actor spawn_doorbell(caf::actor_system& system) { return system.spawn(doorbell); }
///
/// A handler returns a plain value, `troupe::result<T>` (a fault becomes the error answer),
/// `caf::result<T>` (where it also may return a promise or a delegation), or void.
namespace troupe::runtime {

namespace detail {

template <class T>
concept carries_trace = requires(const std::remove_cvref_t<T>& message) {
  { message.trace } -> std::convertible_to<const trace_context&>;
};

/// The trace of the first argument that has one; no trace when none has.
inline trace_context trace_of() {
  return {};
}
template <class First, class... Rest>
trace_context trace_of(const First& first, const Rest&... rest) {
  if constexpr (carries_trace<First>)
    return first.trace;
  else
    return trace_of(rest...);
}

template <class R>
struct answer_type {
  using type = R;
};
template <class T>
struct answer_type<result<T>> {
  using type = caf::result<T>;
};

/// Called while an exception leaves a handler, so that the line about it carries the trace.
void remember_failed_trace(const trace_context& trace) noexcept;

template <class Handler, class Signature>
struct traced_handler;

/// One non-template call operator, since CAF reads the handler's signature from it.
template <class Handler, class Class, class R, class... Args>
struct traced_handler<Handler, R (Class::*)(Args...) const> {
  mutable Handler handler;
  typename answer_type<R>::type operator()(Args... args) const {
    const trace_scope scope(trace_of(args...));
    try {
      if constexpr (std::is_same_v<typename answer_type<R>::type, R>)
        return handler(std::forward<Args>(args)...);
      else
        return to_answer(handler(std::forward<Args>(args)...));
    } catch (...) {
      remember_failed_trace(current_trace());
      throw;
    }
  }
};
template <class Handler, class Class, class R, class... Args>
struct traced_handler<Handler, R (Class::*)(Args...)>
    : traced_handler<Handler, R (Class::*)(Args...) const> {};

/// A handler of answers: the trace is the one that was current when the request went out.
template <class Handler, class Signature>
struct traced_reply;
template <class Handler, class Class, class... Args>
struct traced_reply<Handler, void (Class::*)(Args...) const> {
  trace_context trace;
  mutable Handler handler;
  void operator()(Args... args) const {
    const trace_scope scope(trace);
    handler(std::forward<Args>(args)...);
  }
};
template <class Handler, class Class, class... Args>
struct traced_reply<Handler, void (Class::*)(Args...)> {
  trace_context trace;
  mutable Handler handler;
  void operator()(Args... args) const {
    const trace_scope scope(trace);
    handler(std::forward<Args>(args)...);
  }
};

} // namespace detail

/// Wraps a message handler (a lambda that is not generic): the message's trace is current while it
/// runs, and a `troupe::result` it returns becomes CAF's value or error.
template <class Handler>
auto traced(Handler handler) {
  return detail::traced_handler<Handler, decltype(&Handler::operator())>{{std::move(handler)}};
}

/// Installs the handlers that every actor of ours has, so that nothing of CAF prints to stdout:
/// unknown messages are logged and answered with a fault; an unhandled error answer is logged and
/// does not end the actor; a thrown exception is logged and ends it with a fault (its supervisor
/// sees the text); a down message nobody asked for is logged. `name` is kept for the log and for
/// the list of living actors and must not be empty.
void prepare(caf::scheduled_actor* self, std::string name);

/// The name given to `prepare`, or CAF's own for an actor that was never prepared.
std::string actor_name(const caf::scheduled_actor* self);

/// Sends a request that always ends: `on_value` gets the answer, or `on_fault` a `troupe::fault`
/// (the receiver's, "actor.timeout", "actor.down", "actor.unexpected_answer"). Both run in `self`
/// with the trace that was current when the request was sent. The types of `on_value`'s arguments
/// are checked against a typed receiver.
template <class Self, class Handle, class Rep, class Period, class Message, class OnValue,
          class OnFault>
void request_then(Self* self, const Handle& target, std::chrono::duration<Rep, Period> timeout,
                  Message&& message, OnValue on_value, OnFault on_fault) {
  const trace_context trace = current_trace();
  using reply = detail::traced_reply<OnValue, decltype(&OnValue::operator())>;
  self->request(target, timeout, std::forward<Message>(message))
      .then(reply{trace, std::move(on_value)},
            [trace, on_fault = std::move(on_fault)](caf::error& error) mutable {
              const trace_scope scope(trace);
              on_fault(to_fault(error));
            });
}

} // namespace troupe::runtime
