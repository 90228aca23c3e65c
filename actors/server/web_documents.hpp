#pragma once

#include <string_view>

/// The machine-readable descriptions of the interface, part of the program (docs/api).
namespace troupe::server {

std::string_view openapi_document();
std::string_view asyncapi_document();

} // namespace troupe::server
