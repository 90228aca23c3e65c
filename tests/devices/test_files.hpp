#pragma once

#include "messages/bytes.hpp"

#include <fstream>
#include <iterator>
#include <string>

namespace troupe::test {

/// The bytes of a file under tests/data; empty when it cannot be read.
inline byte_vector read_test_file(const std::string& name) {
  std::ifstream file(std::string(TROUPE_TEST_DATA) + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Bytes written as hexadecimal digits with any spaces between.
inline byte_vector from_hex(std::string_view text) {
  byte_vector bytes;
  int half = -1;
  for (char c : text) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0) continue;
    if (half < 0) {
      half = digit;
    } else {
      bytes.push_back(static_cast<std::uint8_t>(half * 16 + digit));
      half = -1;
    }
  }
  return bytes;
}

inline byte_vector operator+(byte_vector left, const byte_vector& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}
inline byte_vector operator+(byte_vector left, std::string_view right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

} // namespace troupe::test
