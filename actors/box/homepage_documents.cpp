#include "actors/box/homepage_documents.hpp"

// TROUPE_API_DOCUMENTS is the folder docs/api; see CMakeLists.txt, which also has this file
// compiled again when one of them changes.
__asm__(".section .rodata\n"
        ".global troupe_openapi_begin\n.global troupe_openapi_end\n"
        "troupe_openapi_begin:\n.incbin \"" TROUPE_API_DOCUMENTS "/openapi.json\"\n"
        "troupe_openapi_end:\n"
        ".global troupe_asyncapi_begin\n.global troupe_asyncapi_end\n"
        "troupe_asyncapi_begin:\n.incbin \"" TROUPE_API_DOCUMENTS "/asyncapi.json\"\n"
        "troupe_asyncapi_end:\n"
        ".previous\n");

extern "C" {
extern const char troupe_openapi_begin[];
extern const char troupe_openapi_end[];
extern const char troupe_asyncapi_begin[];
extern const char troupe_asyncapi_end[];
}

namespace troupe::box {

std::string_view openapi_document() {
  return {troupe_openapi_begin, troupe_openapi_end};
}

std::string_view asyncapi_document() {
  return {troupe_asyncapi_begin, troupe_asyncapi_end};
}

} // namespace troupe::box
