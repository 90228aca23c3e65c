#pragma once

#include "devices/scale/protocol.hpp"

#include <string>
#include <string_view>
#include <vector>

/// From the bytes of a scale to readings.
namespace troupe::scale {

/// What one whole answer means, without what it begins and ends with.
reading read_answer(const protocol& speaks, std::string_view answer);

/// Takes bytes in chunks of any size.
class reader {
public:
  explicit reader(const protocol& speaks) : speaks_(&speaks) {}
  /// The answers that came to their end with these bytes.
  std::vector<reading> feed(std::span<const std::uint8_t> bytes);
  /// Forgets what has begun.
  void reset();

private:
  void take(char c, std::vector<reading>& out);

  const protocol* speaks_;
  std::string begun_;
  bool inside_ = false;   ///< between the begin and the end of an answer
  bool too_long_ = false; ///< it is skipped to its end
};

} // namespace troupe::scale
