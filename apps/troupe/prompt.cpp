#include "apps/troupe/prompt.hpp"

#include <csignal>
#include <iostream>
#include <termios.h>
#include <unistd.h>

namespace troupe::apps {
namespace {

termios shown_before{};

/// Ctrl-C at the password must not leave a terminal that shows nothing.
extern "C" void show_again(int number) {
  ::tcsetattr(STDIN_FILENO, TCSANOW, &shown_before);
  std::signal(number, SIG_DFL);
  std::raise(number);
}

class hidden_typing {
public:
  hidden_typing() {
    if (::tcgetattr(STDIN_FILENO, &shown_before) != 0) return;
    before_ = std::signal(SIGINT, show_again);
    auto quiet = shown_before;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    hidden_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  ~hidden_typing() {
    if (!hidden_) return;
    ::tcsetattr(STDIN_FILENO, TCSANOW, &shown_before);
    std::signal(SIGINT, before_);
    std::cerr << "\n";
  }
  hidden_typing(const hidden_typing&) = delete;
  hidden_typing& operator=(const hidden_typing&) = delete;

private:
  bool hidden_ = false;
  void (*before_)(int) = SIG_DFL;
};

} // namespace

bool has_terminal() {
  return ::isatty(STDIN_FILENO) == 1;
}

result<std::string> ask_line(const std::string& question) {
  if (has_terminal()) std::cerr << question << std::flush;
  std::string line;
  if (!std::getline(std::cin, line))
    return fault{"usage.no_input", "Standard input ended where an answer was expected.",
                 "Type it, or give it on standard input, one line each."};
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

result<std::string> ask_secret(const std::string& question) {
  if (!has_terminal()) return ask_line(question);
  std::cerr << question << std::flush;
  const hidden_typing hidden;
  return ask_line("");
}

} // namespace troupe::apps
