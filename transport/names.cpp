#include "transport/names.hpp"

#include "transport/utf8.hpp"

namespace troupe::transport {

result<std::string> checked_name(std::string_view text, std::string_view code) {
  constexpr std::size_t longest = 64;
  if (const auto name = read_name(text, longest)) return std::string(*name);
  return fault{std::string(code),
               "A name has 1 to 64 characters on one line, and something to be seen.",
               "Choose another name.", 422};
}

} // namespace troupe::transport
