#pragma once

#include "transport/static_files.hpp"

#include <span>
#include <string_view>

/// The pages, embedded in the programs at build time (cmake/embed_assets.py).
namespace troupe::web {

/// The box's homepage: "/index.html" and what it loads, "/common/…" and "/vendor/…" included.
std::span<const transport::asset> box_assets();

/// The pages of the fleet's server, likewise.
std::span<const transport::asset> server_assets();

/// The paper room of the simulator, likewise.
std::span<const transport::asset> room_assets();

/// The Content-Security-Policy all pages keep: own files only, nothing inline, no evaluation.
/// `connect-src 'self'` covers the WebSocket to the page's own origin as well; the frame is the
/// page below.
inline constexpr std::string_view content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

/// Of the hidden page /ask_network.html, the only one that reaches other addresses than the
/// server's: it asks the browser's own network for boxes, and has no content but its script.
inline constexpr std::string_view network_asker_policy =
    "default-src 'none'; script-src 'self'; connect-src http:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'";

} // namespace troupe::web
