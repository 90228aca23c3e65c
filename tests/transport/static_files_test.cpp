#include "transport/static_files.hpp"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <unistd.h>

namespace troupe::transport {
namespace {

class static_files_test : public testing::Test {
protected:
  std::array<asset, 2> table = {
      asset{"/index.html", mime_html, as_bytes("<p>whole page</p>"), as_bytes("(gzip)"), "\"abc\""},
      asset{"/a b.txt", mime_text, as_bytes("0123456789"), {}, "\"d\""}};
  static_files files{table, {.header_lines = security_headers("default-src 'self'")}};

  static http_request get(std::string_view path) {
    http_request request;
    request.path = path;
    return request;
  }
};

TEST_F(static_files_test, serves_with_security_fields) {
  const auto response = files.answer(get("/"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, mime_html);
  EXPECT_EQ(response.body.view(), "<p>whole page</p>");
  EXPECT_EQ(response.find_header("ETag"), "\"abc\"");
  EXPECT_EQ(response.find_header("Vary"), "Accept-Encoding");
  EXPECT_EQ(response.find_header("Content-Security-Policy"), "default-src 'self'");
  EXPECT_EQ(response.find_header("X-Content-Type-Options"), "nosniff");
  EXPECT_TRUE(files.has("/a b.txt"));
  EXPECT_FALSE(files.has("/b"));
}

TEST_F(static_files_test, serves_gzip_under_its_own_tag) {
  auto request = get("/index.html");
  request.headers.add("Accept-Encoding", "gzip, br");
  const auto response = files.answer(request);
  EXPECT_EQ(response.body.view(), "(gzip)");
  EXPECT_EQ(response.find_header("Content-Encoding"), "gzip");
  EXPECT_EQ(response.find_header("ETag"), "\"abc-gzip\"");
}

TEST_F(static_files_test, answers_304) {
  auto request = get("/index.html");
  request.headers.add("If-None-Match", "W/\"abc\"");
  const auto response = files.answer(request);
  EXPECT_EQ(response.status, 304);
  EXPECT_EQ(response.body.size(), 0u);
  EXPECT_EQ(response.find_header("ETag"), "\"abc\"");
}

TEST_F(static_files_test, serves_parts) {
  auto request = get("/a b.txt");
  request.headers.add("Range", "bytes=2-4");
  const auto part = files.answer(request);
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body.view(), "234");
  EXPECT_EQ(part.find_header("Content-Range"), "bytes 2-4/10");
  request.headers.add("If-Range", "\"other\"");
  EXPECT_EQ(files.answer(request).status, 200);
  auto beyond = get("/a b.txt");
  beyond.headers.add("Range", "bytes=10-");
  const auto refused = files.answer(beyond);
  EXPECT_EQ(refused.status, 416);
  EXPECT_EQ(refused.find_header("Content-Range"), "bytes */10");
}

TEST_F(static_files_test, refuses_other_methods_and_unknown_paths) {
  EXPECT_EQ(files.answer(get("/nothing")).status, 404);
  EXPECT_EQ(files.answer(get("/../index.html")).status, 404);
  auto request = get("/");
  request.method = http_method::post;
  EXPECT_EQ(files.answer(request).status, 405);
}

TEST_F(static_files_test, a_directory_is_read_anew_and_never_left) {
  const auto base =
      std::filesystem::temp_directory_path() / ("static_files_test." + std::to_string(::getpid()));
  std::filesystem::create_directories(base / "web" / "sub");
  std::ofstream(base / "secret.txt") << "secret";
  std::ofstream(base / "web" / "sub" / "app.js") << "let a;";
  std::filesystem::create_symlink(base / "secret.txt", base / "web" / "link.txt");
  const static_files directory(base / "web", {});
  const auto response = directory.answer(get("/sub/app.js"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(response.body.view(), "let a;");
  auto ranged = get("/sub/app.js");
  ranged.headers.add("Range", "bytes=4-");
  EXPECT_EQ(directory.answer(ranged).body.view(), "a;");
  for (const char* path :
       {"/../secret.txt", "/sub/../../secret.txt", "/link.txt", "//etc/passwd", "/sub", "/x"})
    EXPECT_EQ(directory.answer(get(path)).status, 404) << path;
  std::ofstream(base / "web" / "sub" / "app.js") << "let longer;";
  EXPECT_EQ(directory.answer(get("/sub/app.js")).body.view(), "let longer;");
  std::filesystem::remove_all(base);
}

} // namespace
} // namespace troupe::transport
