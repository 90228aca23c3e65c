#pragma once

#include "messages/bytes.hpp"

#include <cstddef>
#include <cstdint>

namespace troupe {

/// Unguessable bytes from the kernel, for keys and codes.
byte_vector secure_random(std::size_t count);

/// 64 bits from a fast generator of this thread, seeded by the kernel; for identifiers that need
/// to be unique, not secret.
std::uint64_t fast_random();

} // namespace troupe
