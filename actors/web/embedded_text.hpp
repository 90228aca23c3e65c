#pragma once

#include <string_view>

/// Makes a file a part of the program, as `std::string_view NAME_text()` of this source file. FILE
/// is a literal; the source is compiled without precompiled headers and depends on FILE
/// (CMakeLists).
#define TROUPE_EMBED_TEXT(NAME, FILE)                                                              \
  __asm__(".section .rodata\n"                                                                     \
          ".global troupe_" #NAME "_begin\n.global troupe_" #NAME "_end\n"                         \
          "troupe_" #NAME "_begin:\n.incbin \"" FILE "\"\n"                                        \
          "troupe_" #NAME "_end:\n"                                                                \
          ".previous\n");                                                                          \
  extern "C" {                                                                                     \
  extern const char troupe_##NAME##_begin[];                                                       \
  extern const char troupe_##NAME##_end[];                                                         \
  }                                                                                                \
  static std::string_view NAME##_text() {                                                          \
    return {troupe_##NAME##_begin, troupe_##NAME##_end};                                           \
  }
