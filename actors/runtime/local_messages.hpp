#pragma once

#include "messages/bytes.hpp"
#include "messages/describe.hpp"
#include "messages/identifiers.hpp"
#include "messages/result.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

/// Which of our types actors may send each other. CAF never serialises them (wires have codecs of
/// our own), so none of them needs a CAF type id, an `inspect` or a registration: it is enough that
/// the type is described (`messages/describe.hpp`), or carries
/// `static constexpr bool local_message = true;`. Payloads must be copyable; put what is not into a
/// `std::shared_ptr`.
namespace troupe::runtime {

template <class T>
        struct is_local_message : std::bool_constant < described<T> ||
    requires {
  requires bool(T::local_message);
} > {};

template <>
struct is_local_message<fault> : std::true_type {};
template <>
struct is_local_message<shared_bytes> : std::true_type {};
template <class Kind>
struct is_local_message<identifier<Kind>> : std::true_type {};
template <class T>
struct is_local_message<result<T>> : std::true_type {};
template <class T>
struct is_local_message<std::shared_ptr<T>> : std::true_type {};
template <class T>
struct is_local_message<std::optional<T>> : std::true_type {};
template <class Signature>
struct is_local_message<std::function<Signature>> : std::true_type {};
template <class T>
struct is_local_message<std::vector<T>> : is_local_message<T> {};

template <class T>
concept local_message_type = is_local_message<T>::value;

} // namespace troupe::runtime

template <troupe::runtime::local_message_type T>
struct caf::allowed_unsafe_message_type<T> : std::true_type {};
