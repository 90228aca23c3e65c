#include "actors/runtime/child_process.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

extern char** environ;

namespace troupe::runtime {
namespace {

/// A child that is asked to end gets so long.
constexpr auto farewell = std::chrono::seconds(2);

bool is_program(const std::string& path) {
  return !path.empty() && ::access(path.c_str(), X_OK) == 0;
}

struct person {
  uid_t user = 0;
  gid_t group = 0;
  std::string name, home;
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& each : texts)
    out.push_back(each.data());
  out.push_back(nullptr);
  return out;
}

/// Everything the child needs, made before the fork: after it only system calls are allowed.
struct launch {
  std::string path;
  std::vector<std::string> command, environment;
  std::vector<char*> arguments, variables;
  bool drop = false; ///< to this person
  person who;
  pid_t parent = 0;
  int report = -1; ///< where the child says why it could not begin
};

[[noreturn]] void become(const launch& how) {
  const auto give_up = [&] {
    const int why = errno;
    [[maybe_unused]] const auto written = ::write(how.report, &why, sizeof why);
    ::_exit(127);
  };
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != how.parent) ::_exit(127); // the box died in between
  if (how.drop && (::initgroups(how.who.name.c_str(), how.who.group) != 0 ||
                   ::setgid(how.who.group) != 0 || ::setuid(how.who.user) != 0))
    give_up();
  if (how.drop) ::prctl(PR_SET_PDEATHSIG, SIGKILL); // a change of user takes it away
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (int each = 0; each < 3; ++each)
    ::dup2(nowhere, each);
  ::signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(how.path.c_str(), how.arguments.data(), how.variables.data());
  give_up();
  ::_exit(127);
}

std::string words_for(const siginfo_t& end) {
  if (end.si_code == CLD_EXITED) return "it ended with code " + std::to_string(end.si_status);
  return "it was ended by signal " + std::to_string(end.si_status);
}

} // namespace

struct child_process::implementation : std::enable_shared_from_this<implementation> {
  explicit implementation(boost::asio::io_context& loop) : handle(loop), patience(loop) {}
  ~implementation() {
    if (child <= 0 || gone) return;
    ::kill(-child, SIGKILL);
    reap();
  }

  void wait() {
    handle.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [self = shared_from_this()](boost::system::error_code error) {
                        if (error) return;
                        self->patience.cancel();
                        ::kill(-self->child, SIGKILL); // what it left behind
                        const auto how = self->reap();
                        self->gone = true;
                        if (auto told = std::exchange(self->ended, nullptr)) told(how);
                      });
  }
  std::string reap() const {
    siginfo_t end{};
    ::waitid(P_PID, static_cast<id_t>(child), &end, WEXITED);
    return words_for(end);
  }
  /// Lives on until the child has ended.
  void finish() {
    ended = nullptr;
    if (gone || child <= 0) return;
    ::kill(-child, SIGTERM);
    patience.expires_after(farewell);
    patience.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (!error) ::kill(-self->child, SIGKILL);
    });
  }

  boost::asio::posix::stream_descriptor handle; ///< pidfd
  boost::asio::steady_timer patience;
  std::function<void(std::string)> ended;
  pid_t child = 0;
  bool gone = false;
};

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return is_program(name) ? name : std::string();
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    const auto found = std::string(rest.substr(0, colon)) + '/' + name;
    if (is_program(found)) return found;
    rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
  }
  return {};
}

namespace {

result<launch> prepared(const child_program& what) {
  launch how;
  if (what.command.empty() || (how.path = find_program(what.command.front())).empty())
    return fault{"process.no_program",
                 "There is no program " +
                     (what.command.empty() ? std::string("named") : what.command.front()) + ".",
                 "Install it, or name another.", 500};
  how.command = what.command;
  for (char** each = environ; *each != nullptr; ++each)
    how.environment.emplace_back(*each);
  if (!what.user.empty() && ::geteuid() == 0) {
    const auto* found = ::getpwnam(what.user.c_str());
    if (found == nullptr || found->pw_uid == 0)
      return fault{"process.no_user", "There is no user " + what.user + " to run it as.",
                   "Name a user of this machine who is not root.", 500};
    how.drop = true;
    how.who = {found->pw_uid, found->pw_gid, found->pw_name, found->pw_dir};
    std::erase_if(how.environment, [](const std::string& each) {
      return each.starts_with("HOME=") || each.starts_with("USER=") || each.starts_with("LOGNAME=");
    });
    how.environment.push_back("HOME=" + how.who.home);
    how.environment.push_back("USER=" + how.who.name);
  }
  how.environment.insert(how.environment.end(), what.environment.begin(), what.environment.end());
  how.parent = ::getpid();
  return how;
}

} // namespace

result<std::unique_ptr<child_process>>
child_process::start(boost::asio::io_context& loop, const child_program& what,
                     std::function<void(std::string how)> ended) {
  auto how = prepared(what);
  if (!how) return how.error();
  how->arguments = pointers_to(how->command);
  how->variables = pointers_to(how->environment);
  int report[2];
  if (::pipe2(report, O_CLOEXEC) != 0)
    return fault{"process.failed", std::string("No process can be made: ") + std::strerror(errno),
                 "", 500};
  how->report = report[1];
  const pid_t child = ::fork();
  if (child == 0) become(*how);
  const int problem = errno;
  ::close(report[1]);
  int why = 0;
  // Answers at once: the pipe closes when the new program begins.
  const bool failed = child < 0 || ::read(report[0], &why, sizeof why) == sizeof why;
  ::close(report[0]);
  if (failed) {
    if (child > 0) ::waitpid(child, nullptr, 0);
    return fault{"process.failed",
                 how->path + " could not be started: " + std::strerror(child < 0 ? problem : why) +
                     ".",
                 "Look whether it may be run.", 500};
  }
  ::setpgid(child, child);
  auto made = std::make_shared<implementation>(loop);
  made->child = child;
  made->ended = std::move(ended);
  const auto handle = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  boost::system::error_code error;
  if (handle >= 0) made->handle.assign(handle, error);
  if (handle < 0 || error)
    return fault{"process.failed", "This kernel cannot tell when a process ends.",
                 "Use Linux 5.3 or newer.", 500};
  made->wait();
  return std::unique_ptr<child_process>(new child_process(std::move(made)));
}

child_process::child_process(std::shared_ptr<implementation> made)
    : implementation_(std::move(made)) {}

child_process::~child_process() {
  implementation_->finish();
}

int child_process::number() const {
  return implementation_->child;
}

} // namespace troupe::runtime
