#include "devices/port/file_port.hpp"
#include "tests/devices/port_recorder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

namespace troupe::port {
namespace {

namespace fs = std::filesystem;
using test::outcome;

class file_port_test : public testing::Test {
protected:
  file_port_test() {
    std::string pattern = (fs::temp_directory_path() / "troupe-file-port-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  ~file_port_test() override { fs::remove_all(root_); }

  std::unique_ptr<byte_port> opened(const fs::path& directory) {
    auto port = make_port(recorder_.context, {port_kind::file, "", raw_printing_port, directory});
    port->open(recorder_.events());
    EXPECT_FALSE(recorder_.opened) << "never from inside open";
    EXPECT_TRUE(recorder_.until([&] { return recorder_.opened || recorder_.closed; }));
    return port;
  }

  void print(byte_port& port, std::string_view text) {
    outcome written;
    outcome finished;
    port.write(shared_bytes::copy_of(text), written.take());
    port.finish_job(finished.take());
    ASSERT_TRUE(recorder_.until([&] { return finished.came(); }));
    EXPECT_EQ(written.count(), text.size());
    EXPECT_EQ(finished.count(), text.size());
  }

  std::string content(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  test::port_recorder recorder_;
  fs::path root_;
};

TEST_F(file_port_test, makes_each_job_a_numbered_file) {
  auto port = opened(root_ / "new" / "jobs");
  print(*port, "first");
  print(*port, "second");
  EXPECT_EQ(content(root_ / "new/jobs/000001.bin"), "first");
  EXPECT_EQ(content(root_ / "new/jobs/000002.bin"), "second");
  EXPECT_EQ(port->describe(), "file:" + (root_ / "new/jobs").string());
}

TEST_F(file_port_test, joins_the_writes_of_a_job_and_counts_on) {
  std::ofstream(root_ / "000041.bin") << "older";
  std::ofstream(root_ / "000042.part") << "torn";
  std::ofstream(root_ / "notes.txt") << "x";
  auto port = opened(root_);
  outcome last;
  for (const char* piece : {"a", "b", "c"})
    port->write(shared_bytes::copy_of(piece), {});
  port->finish_job(last.take());
  ASSERT_TRUE(recorder_.until([&] { return last.came(); }));
  EXPECT_EQ(last.count(), 3U);
  EXPECT_EQ(content(root_ / "000043.bin"), "abc");
  EXPECT_EQ(content(root_ / "000041.bin"), "older");
}

TEST_F(file_port_test, an_empty_job_leaves_no_file) {
  auto port = opened(root_);
  outcome finished;
  port->finish_job(finished.take());
  ASSERT_TRUE(recorder_.until([&] { return finished.came(); }));
  EXPECT_EQ(finished.code(), "");
  EXPECT_TRUE(fs::is_empty(root_));
}

TEST_F(file_port_test, an_unfinished_job_never_looks_finished) {
  auto port = opened(root_);
  outcome written;
  port->write(shared_bytes::copy_of("half"), written.take());
  ASSERT_TRUE(recorder_.until([&] { return written.came(); }));
  port->close();
  EXPECT_TRUE(fs::exists(root_ / "000001.part"));
  EXPECT_FALSE(fs::exists(root_ / "000001.bin"));
}

TEST_F(file_port_test, says_why_a_directory_cannot_be_used) {
  std::ofstream(root_ / "file") << "x";
  auto port = opened(root_ / "file" / "jobs");
  ASSERT_TRUE(recorder_.closed);
  EXPECT_EQ(recorder_.closed->code, "port.no_directory");
}

/// No file may grow beyond so many bytes while it lives: what a full disk looks like.
class file_size_limit {
public:
  explicit file_size_limit(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limited{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~file_size_limit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST_F(file_port_test, a_full_disk_is_told_and_closes) {
  auto port = opened(root_);
  const file_size_limit limit(1024);
  outcome written;
  port->write(shared_bytes(byte_vector(4096)), written.take());
  ASSERT_TRUE(recorder_.until([&] { return recorder_.closed.has_value(); }));
  EXPECT_EQ(written.code(), "port.disk_full");
  EXPECT_EQ(recorder_.closed->code, "port.disk_full");
  EXPECT_FALSE(fs::exists(root_ / "000001.bin"));
}

TEST_F(file_port_test, a_directory_that_vanishes_is_told) {
  auto port = opened(root_);
  outcome written;
  outcome finished;
  port->write(shared_bytes::copy_of("x"), written.take());
  ASSERT_TRUE(recorder_.until([&] { return written.came(); }));
  fs::remove_all(root_);
  port->finish_job(finished.take());
  ASSERT_TRUE(recorder_.until([&] { return recorder_.closed.has_value(); }));
  EXPECT_EQ(finished.code(), "port.no_directory");
}

TEST_F(file_port_test, is_silent_after_close) {
  auto port = opened(root_);
  outcome written;
  port->write(shared_bytes::copy_of("x"), written.take());
  port->close();
  recorder_.settle();
  EXPECT_FALSE(written.came());
  EXPECT_FALSE(recorder_.closed);
}

TEST_F(file_port_test, refuses_what_it_cannot_hold_and_what_comes_too_early) {
  auto early = make_port(recorder_.context, {port_kind::file, "", raw_printing_port, root_});
  outcome too_early;
  early->write(shared_bytes::copy_of("x"), too_early.take());
  ASSERT_TRUE(recorder_.until([&] { return too_early.came(); }));
  EXPECT_EQ(too_early.code(), "port.not_open");

  auto port = opened(root_);
  outcome refused;
  const shared_bytes half(byte_vector(max_waiting_bytes / 2 + 1));
  port->write(half, {});
  port->write(half, refused.take());
  ASSERT_TRUE(recorder_.until([&] { return refused.came(); }));
  EXPECT_EQ(refused.code(), "port.busy");
}

} // namespace
} // namespace troupe::port
