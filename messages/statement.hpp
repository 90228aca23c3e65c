#pragma once

#include "messages/bytes.hpp"

#include <initializer_list>
#include <string_view>

namespace troupe {

/// What is signed: the parts in a row, each behind its length (4 bytes, big endian), so that no two
/// lists of parts give the same bytes. The first part says what kind of statement it is.
byte_vector statement_of(std::initializer_list<std::string_view> parts);

} // namespace troupe
