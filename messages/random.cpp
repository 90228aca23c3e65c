#include "messages/random.hpp"

#include <bit>
#include <cstring>
#include <sys/random.h>
#include <system_error>

namespace troupe {

byte_vector secure_random(std::size_t count) {
  byte_vector out(count);
  for (std::size_t done = 0; done < count;) {
    const auto got = getrandom(out.data() + done, count - done, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    done += static_cast<std::size_t>(got);
  }
  return out;
}

namespace {

/// xoshiro256++ 1.0 by Blackman and Vigna (public domain algorithm).
struct generator {
  std::uint64_t state[4];

  generator() {
    const auto seed = secure_random(sizeof state);
    std::memcpy(state, seed.data(), sizeof state);
  }
  std::uint64_t next() {
    const auto out = std::rotl(state[0] + state[3], 23) + state[0];
    const auto shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = std::rotl(state[3], 45);
    return out;
  }
};

} // namespace

std::uint64_t fast_random() {
  thread_local generator source;
  return source.next();
}

} // namespace troupe
