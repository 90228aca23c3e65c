#include "messages/announcement.hpp"
#include "messages/base64.hpp"

#include <algorithm>
#include <cctype>

namespace troupe {
namespace {

constexpr std::string_view txt_version = "1";

/// Keys are compared without case; of one that comes twice the first counts (RFC 6763, 6.4).
std::optional<std::string_view> text_of(std::span<const std::string> texts, std::string_view key) {
  const auto same_letter = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  };
  for (const std::string_view each : texts) {
    const auto equals = each.find('=');
    if (equals != key.size() || !std::equal(key.begin(), key.end(), each.begin(),
                                            [&](char k, char e) { return same_letter(e, k); }))
      continue;
    return each.substr(equals + 1);
  }
  return std::nullopt;
}

std::optional<shared_bytes> bytes_of(std::span<const std::string> texts, std::string_view key) {
  const auto text = text_of(texts, key);
  auto bytes = text ? from_base64(*text) : std::nullopt;
  if (!bytes || bytes->empty()) return std::nullopt;
  return shared_bytes(std::move(*bytes));
}

std::string text_with(std::string_view key, std::string_view value) {
  std::string out(key);
  return out.append("=").append(value);
}

} // namespace

std::vector<std::string> to_txt(const announcement& said) {
  return {text_with("txtvers", txt_version),
          text_with("id", said.id.text),
          text_with("name", said.name),
          text_with("ver", said.version),
          text_with("paired", said.paired ? "1" : "0"),
          text_with("tls", said.tls ? "1" : "0"),
          text_with("path", "/"),
          text_with("key", to_base64(said.key.view())),
          text_with("sig", to_base64(said.signature.view()))};
}

std::optional<announcement> from_txt(std::span<const std::string> texts) {
  if (text_of(texts, "txtvers") != txt_version) return std::nullopt;
  const auto id = text_of(texts, "id"), name = text_of(texts, "name"),
             version = text_of(texts, "ver");
  auto key = bytes_of(texts, "key"), signature = bytes_of(texts, "sig");
  if (!id || id->empty() || !name || !version || !key || !signature) return std::nullopt;
  announcement said;
  said.id = box_id(std::string(*id));
  said.name = *name;
  said.version = *version;
  said.paired = text_of(texts, "paired") == "1";
  said.tls = text_of(texts, "tls") == "1";
  said.key = *std::move(key);
  said.signature = *std::move(signature);
  return said;
}

} // namespace troupe
