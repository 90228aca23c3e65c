// links: troupe_messages
#include "messages/codec.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

/// Reads bytes as one of the coded types in msgpack and in JSON. What was read must be written and
/// read again without a change.
namespace {

using namespace troupe;

void check(bool holds, const char* what, const char* type) {
  if (holds) return;
  std::fprintf(stderr, "%s: %s\n", type, what);
  std::abort();
}

/// Text that is not UTF-8 is mended on its way to JSON, so the second writing must be stable, not
/// the first.
template <class T>
void round_trip(const T& message, const char* type) {
  const auto packed = to_msgpack(message);
  const auto unpacked = from_msgpack<T>(packed);
  check(static_cast<bool>(unpacked), "its msgpack cannot be read", type);
  check(to_msgpack(*unpacked) == packed, "its msgpack changes", type);

  const auto json = to_json(message);
  const auto parsed = from_json<T>(json);
  check(static_cast<bool>(parsed), "its JSON cannot be read", type);
  const auto mended = to_json(*parsed);
  const auto again = from_json<T>(mended);
  check(static_cast<bool>(again), "its mended JSON cannot be read", type);
  check(to_json(*again) == mended, "its JSON changes", type);
  check(!to_log(message).empty(), "it has no log form", type);
}

template <class T>
void read_both(byte_span bytes, const char* type) {
  if (const auto message = from_msgpack<T>(bytes)) round_trip(*message, type);
  if (const auto message = from_json<T>(as_text(bytes))) round_trip(*message, type);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const byte_span bytes(data + 1, size - 1);
#define TROUPE_COUNT_TYPE(name) +1
  constexpr int types = 0 TROUPE_CODED_TYPES(TROUPE_COUNT_TYPE);
#undef TROUPE_COUNT_TYPE
  int type = 0;
#define TROUPE_FUZZ_TYPE(name)                                                                     \
  if (type++ == data[0] % types) read_both<name>(bytes, #name);
  TROUPE_CODED_TYPES(TROUPE_FUZZ_TYPE)
#undef TROUPE_FUZZ_TYPE
  return 0;
}
