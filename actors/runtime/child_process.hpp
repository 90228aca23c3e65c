#pragma once

#include "messages/result.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace troupe::runtime {

struct child_program {
  std::vector<std::string> command{};     ///< program (a path, or found in PATH) and its arguments
  std::vector<std::string> environment{}; ///< "NAME=value", beside this program's own
  std::string user{}; ///< to run as, when this program is root; empty: as we are
};

/// A program that runs as our child, in a process group of its own. It is ended together with its
/// own children: when this object goes, and by the kernel should this program die. Its output goes
/// nowhere.
class child_process {
public:
  /// Starts it. `ended` is called on the loop once it has ended by itself, with words for how.
  /// Faults "process.no_program", "process.no_user", "process.failed".
  static result<std::unique_ptr<child_process>> start(boost::asio::io_context& loop,
                                                      const child_program& what,
                                                      std::function<void(std::string how)> ended);
  /// Asks it to end, and makes sure shortly after.
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  int number() const; ///< process id

private:
  struct implementation;
  explicit child_process(std::shared_ptr<implementation> made);
  std::shared_ptr<implementation> implementation_;
};

/// Where a program is: itself when it is a path to one, else as PATH has it; empty: nowhere.
std::string find_program(const std::string& name);

} // namespace troupe::runtime
