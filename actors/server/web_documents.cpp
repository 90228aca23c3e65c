#include "actors/server/web_documents.hpp"

#include "actors/web/embedded_text.hpp"

// TROUPE_API_DOCUMENTS is the folder docs/api; see CMakeLists.txt, which also has this file
// compiled again when one of them changes.
TROUPE_EMBED_TEXT(server_openapi, TROUPE_API_DOCUMENTS "/server-openapi.json")
TROUPE_EMBED_TEXT(server_asyncapi, TROUPE_API_DOCUMENTS "/server-asyncapi.json")

namespace troupe::server {

std::string_view openapi_document() {
  return server_openapi_text();
}

std::string_view asyncapi_document() {
  return server_asyncapi_text();
}

} // namespace troupe::server
