// links: troupe_transport
// Any text as JSON and as JSON-RPC: what is accepted can be written and read again unchanged, and
// nothing that is no JSON is accepted.
#include "messages/base64.hpp"
#include "transport/jsonrpc.hpp"

#include <algorithm>
#include <cstdlib>

using namespace troupe;
using namespace troupe::transport;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const byte_span bytes(data, size);
  const auto value = parse_json(bytes);
  if (value) {
    const auto written = python_json(*value);
    const auto again = parse_json(as_bytes(written));
    if (!again || python_json(*again) != written) std::abort();
  } else if (value.error().code == "json.syntax" &&
             std::find(data, data + size, 0) == data + size &&
             nlohmann::json::accept(data, data + size)) {
    std::abort(); // the other reader takes a NUL for the end
  }
  if (const auto request = parse_jsonrpc(bytes)) {
    if (!request->params.is_object()) std::abort();
    if (!parse_json(as_bytes(jsonrpc_answer(request->id, request->params)))) std::abort();
  }
  const auto decoded = from_base64(as_text(bytes));
  if (decoded && from_base64(to_base64(*decoded)) != decoded) std::abort();
  return 0;
}
