#include "sim/scale_terminal.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <pty.h>
#include <termios.h>
#include <unistd.h>
#include <utility>

namespace troupe::sim {
namespace {

namespace fs = std::filesystem;
using boost::system::error_code;

fault no_terminal(int error) {
  return {"sim.terminal",
          std::string("There is no pseudo-terminal to be had: ") + std::strerror(error) + ".",
          "See whether /dev/pts is mounted.", 500};
}

class terminal final : public scale_terminal,
                       public scale_host,
                       public std::enable_shared_from_this<terminal> {
public:
  terminal(boost::asio::io_context& context, std::shared_ptr<scale_device> device, std::string link)
      : device_(std::move(device)), link_(std::move(link)), ours_(context) {}
  ~terminal() override { take_away(); }

  result<bool> begin() {
    device_->add_host(weak_from_this());
    return device_->plugged() ? put_up() : result<bool>(true);
  }
  void close() override { take_away(); }

  void answer(const std::string& bytes) override {
    // A few bytes always fit; a host that reads nothing loses them, as on a serial line.
    if (ours_.is_open() && ::write(ours_.native_handle(), bytes.data(), bytes.size()) < 0) return;
  }
  void plug_changed(bool in) override {
    if (in)
      static_cast<void>(put_up());
    else
      take_away();
  }

private:
  result<bool> put_up() {
    int ours = -1, theirs = -1;
    termios raw{};
    ::cfmakeraw(&raw);
    raw.c_cflag |= CLOCAL | CREAD;
    ::cfsetspeed(&raw, B9600);
    char name[128] = {};
    if (::openpty(&ours, &theirs, name, &raw, nullptr) != 0) return no_terminal(errno);
    for (const int file : {ours, theirs})
      ::fcntl(file, F_SETFD, FD_CLOEXEC);
    theirs_ = theirs; // held: the other side may come and go without an end of file here
    error_code failed;
    ours_.assign(ours, failed);
    if (failed) {
      ::close(ours);
      take_away();
      return no_terminal(failed.value());
    }
    ours_.non_blocking(true, failed);
    if (auto linked = make_link(name); !linked) {
      take_away();
      return linked;
    }
    read_next();
    return true;
  }

  result<bool> make_link(const std::string& target) {
    std::error_code error;
    const auto there = fs::symlink_status(link_, error);
    if (fs::exists(there) && !fs::is_symlink(there))
      return fault{"sim.link", link_ + " is there already, and is no link.",
                   "Name a path where nothing is.", 409};
    const auto fresh = link_ + ".new";
    fs::remove(fresh, error);
    fs::create_symlink(target, fresh, error);
    if (!error) fs::rename(fresh, link_, error);
    if (error)
      return fault{"sim.link", link_ + " cannot be made: " + error.message() + ".",
                   "Name a path in a folder that is there and may be written.", 409};
    linked_to_ = target;
    device_->set_address(link_);
    return true;
  }

  void take_away() {
    error_code ignored;
    ours_.close(ignored);
    if (theirs_ >= 0) ::close(std::exchange(theirs_, -1));
    std::error_code error;
    if (!linked_to_.empty() && fs::is_symlink(link_, error) &&
        fs::read_symlink(link_, error) == linked_to_)
      fs::remove(link_, error);
    linked_to_.clear();
  }

  void read_next() {
    ours_.async_read_some(boost::asio::buffer(buffer_),
                          [weak = weak_from_this()](const error_code& error, std::size_t count) {
                            const auto self = weak.lock();
                            if (!self || error) return;
                            self->device_->hear(std::string(self->buffer_.data(), count), weak);
                            self->read_next();
                          });
  }

  std::shared_ptr<scale_device> device_;
  std::string link_;
  std::string linked_to_;
  boost::asio::posix::stream_descriptor ours_;
  int theirs_ = -1;
  std::array<char, 256> buffer_{};
};

} // namespace

result<std::shared_ptr<scale_terminal>> scale_terminal::open(boost::asio::io_context& context,
                                                             std::shared_ptr<scale_device> device,
                                                             std::string link) {
  auto made = std::make_shared<terminal>(context, std::move(device), std::move(link));
  if (auto begun = made->begin(); !begun) return begun.error();
  return std::shared_ptr<scale_terminal>(std::move(made));
}

} // namespace troupe::sim
