#include <gtest/gtest.h>

#include "web/embedded.hpp"
#include <cstring>
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <zlib.h>

namespace troupe::web {
namespace {

using transport::asset;
using asset_set = std::span<const asset>;

std::string inflated(byte_span packed) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return "no zlib";
  std::string text(1 << 20, '\0');
  stream.next_in = const_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  const int end = inflate(&stream, Z_FINISH);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return end == Z_STREAM_END ? text : "broken gzip";
}

std::string file_text(const std::string& path) {
  std::ifstream file(std::string(TROUPE_SOURCE_DIR) + "/web/" + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

const asset* find(asset_set assets, std::string_view path) {
  for (const auto& each : assets)
    if (each.path == path) return &each;
  return nullptr;
}

/// What a file loads from this server: "/common/base.css".
std::set<std::string> loaded_by(std::string_view text) {
  static const std::regex reference(
      R"((?:href=|src=|import |import\(|from )['"](\.?/[A-Za-z0-9_./-]+\.(?:js|css|svg))['"#])");
  std::set<std::string> found;
  for (std::cregex_iterator each(text.data(), text.data() + text.size(), reference), end;
       each != end; ++each)
    found.insert((*each)[1]);
  return found;
}

std::string beside(std::string_view file, const std::string& reference) {
  if (!reference.starts_with("./")) return reference;
  return std::string(file.substr(0, file.rfind('/') + 1)) + reference.substr(2);
}

class embedded : public testing::TestWithParam<asset_set> {};
INSTANTIATE_TEST_SUITE_P(pages, embedded, testing::Values(box_assets(), room_assets()));

TEST_P(embedded, starts_with_an_index) {
  const auto* index = find(GetParam(), "/index.html");
  ASSERT_NE(index, nullptr);
  EXPECT_EQ(index->mime, "text/html; charset=utf-8");
  EXPECT_THAT(std::string(as_text(index->content)), testing::StartsWith("<!doctype html>"));
}

TEST_P(embedded, compressed_form_is_the_content_and_smaller) {
  for (const auto& each : GetParam()) {
    if (each.gzip.empty()) continue;
    EXPECT_LT(each.gzip.size(), each.content.size()) << each.path;
    EXPECT_EQ(inflated(each.gzip), as_text(each.content)) << each.path;
  }
}

TEST_P(embedded, paths_and_tags_are_unique_and_well_formed) {
  std::set<std::string_view> paths;
  std::map<std::string_view, std::string_view> tags;
  for (const auto& each : GetParam()) {
    EXPECT_TRUE(each.path.starts_with('/'));
    EXPECT_TRUE(paths.insert(each.path).second) << each.path;
    EXPECT_TRUE(each.etag.size() > 2 && each.etag.front() == '"' && each.etag.back() == '"');
    EXPECT_TRUE(tags.emplace(each.etag, as_text(each.content)).second) << each.path;
  }
}

TEST_P(embedded, everything_that_is_loaded_is_there) {
  EXPECT_GT(loaded_by(as_text(find(GetParam(), "/index.html")->content)).size(), 10U);
  for (const auto& each : GetParam()) {
    for (const auto& reference : loaded_by(as_text(each.content)))
      EXPECT_NE(find(GetParam(), beside(each.path, reference)), nullptr)
          << each.path << " loads " << reference;
  }
}

TEST_P(embedded, no_page_has_anything_inline_or_foreign) {
  static const std::regex inline_code(R"(<script>|<style|\sstyle="|\son[a-z]+="|javascript:)");
  static const std::regex foreign(R"((?:src|href)=["']?(?:https?:)?//)");
  for (const auto& each : GetParam()) {
    if (each.path.starts_with("/vendor/")) continue;
    const std::string text(as_text(each.content));
    EXPECT_FALSE(std::regex_search(text, inline_code)) << each.path;
    EXPECT_FALSE(std::regex_search(text, foreign)) << each.path;
  }
}

TEST(embedded_files, are_those_of_the_source_folder) {
  const std::map<std::string, std::string> sources{
      {"/box.js", "box/box.js"},
      {"/common/tokens.css", "common/tokens.css"},
      {"/vendor/lit-html/LICENSE", "vendor/lit-html/LICENSE"}};
  for (const auto& [path, source] : sources) {
    const auto* found = find(box_assets(), path);
    ASSERT_NE(found, nullptr) << path;
    EXPECT_EQ(as_text(found->content), file_text(source));
  }
}

TEST(content_security_policy, lets_nothing_in_but_own_files) {
  const std::string policy(content_security_policy);
  EXPECT_THAT(policy, testing::StartsWith("default-src 'none'; script-src 'self'; "));
  EXPECT_THAT(policy, testing::Not(testing::HasSubstr("unsafe")));
  EXPECT_THAT(policy, testing::Not(testing::HasSubstr("*")));
  EXPECT_THAT(policy, testing::HasSubstr("frame-ancestors 'none'"));
}

} // namespace
} // namespace troupe::web
