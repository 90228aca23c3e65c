#include "actors/box/homepage_documents.hpp"

#include "actors/web/embedded_text.hpp"

// TROUPE_API_DOCUMENTS is the folder docs/api; see CMakeLists.txt, which also has this file
// compiled again when one of them changes.
TROUPE_EMBED_TEXT(openapi, TROUPE_API_DOCUMENTS "/openapi.json")
TROUPE_EMBED_TEXT(asyncapi, TROUPE_API_DOCUMENTS "/asyncapi.json")

namespace troupe::box {

std::string_view openapi_document() {
  return openapi_text();
}

std::string_view asyncapi_document() {
  return asyncapi_text();
}

} // namespace troupe::box
