#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Small readers of what requests carry: percent-encoding, query, form, cookies.
namespace troupe::transport {

/// Decodes %XX; `plus_is_space` for forms and queries. Nothing for a broken escape or a NUL.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);
/// Encodes all but unreserved characters (RFC 3986).
std::string percent_encode(std::string_view text);

using query_list = std::vector<std::pair<std::string, std::string>>;
/// "a=1&b=x%20y" decoded, in order; broken pairs are left out. At most `limit` pairs.
query_list parse_query(std::string_view query, std::size_t limit = 256);
/// The first value of a name, decoded; nothing when absent.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

/// A cookie of a `Cookie` field, as sent; nothing when absent.
std::optional<std::string_view> cookie_value(std::string_view cookies, std::string_view name);

/// White space of HTTP fields (blank, tab) removed at both ends.
std::string_view trimmed(std::string_view text);

} // namespace troupe::transport
