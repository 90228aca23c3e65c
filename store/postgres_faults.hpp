#pragma once

#include "messages/result.hpp"

#include <string>
#include <string_view>

/// What PostgreSQL reports, in words of ours. Pure.
namespace troupe::store {

/// The fault for an SQLSTATE and the database's own sentence.
fault postgres_fault(std::string_view state, std::string_view words);
/// The fault while the database cannot be spoken to.
fault postgres_gone(std::string_view words);

} // namespace troupe::store
