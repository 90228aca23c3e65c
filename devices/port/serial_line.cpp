#include "devices/port/serial_line.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <utility>

namespace troupe::port {
namespace {

/// Closes the file unless it is given away.
class open_file {
public:
  explicit open_file(int file) : file_(file) {}
  ~open_file() {
    if (file_ >= 0) ::close(file_);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  int get() const { return file_; }
  int release() { return std::exchange(file_, -1); }

private:
  int file_;
};

fault cannot_open(const std::string& device, int error) {
  switch (error) {
  case ENOENT:
  case ENODEV:
  case ENXIO:
    return {"serial.absent", "There is no " + device + ".", "Plug the device in and switch it on.",
            503};
  case EACCES:
  case EPERM:
    return {"serial.not_allowed", "This program may not use " + device + ".",
            "Put its user into the group that owns the port (on Debian: dialout).", 503};
  case EBUSY:
    return {"serial.in_use", device + " is used by another program.",
            "End that program, or take another port.", 503};
  default:
    return {"serial.broken", device + " cannot be opened: " + std::strerror(error) + ".",
            "Check the cable and the adapter.", 503};
  }
}

speed_t speed_of(std::uint32_t baud) {
  switch (baud) {
  case 600:
    return B600;
  case 1200:
    return B1200;
  case 2400:
    return B2400;
  case 4800:
    return B4800;
  case 19200:
    return B19200;
  case 38400:
    return B38400;
  case 57600:
    return B57600;
  case 115200:
    return B115200;
  case 230400:
    return B230400;
  default:
    return B9600;
  }
}

constexpr tcflag_t form_flags = CSIZE | PARENB | PARODD | CSTOPB;

tcflag_t form_of(const serial_settings& line) {
  tcflag_t flags = line.bits.value_or(8) == 7 ? CS7 : CS8;
  const auto parity = line.parity.value_or(serial_parity::none);
  if (parity != serial_parity::none) flags |= PARENB;
  if (parity == serial_parity::odd) flags |= PARODD;
  if (line.stop.value_or(1) == 2) flags |= CSTOPB;
  return flags;
}

/// Sets the line and looks whether it took it: a pseudo-terminal says "done" and does nothing.
bool set_and_look(int file, termios& wanted, tcflag_t form) {
  wanted.c_cflag = (wanted.c_cflag & ~form_flags) | form;
  if (::tcsetattr(file, TCSANOW, &wanted) != 0) return false;
  termios taken{};
  return ::tcgetattr(file, &taken) == 0 && (taken.c_cflag & form_flags) == form;
}

} // namespace

result<opened_line> open_line(const port_address& address) {
  open_file file(::open(address.device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (file.get() < 0) return cannot_open(address.device, errno);
  termios wanted{};
  if (::tcgetattr(file.get(), &wanted) != 0) {
    if (errno != ENOTTY) return line_ended(address, errno);
    return fault{"serial.not_a_terminal", address.device + " is no serial port.",
                 "Take one of /dev/ttyUSB*, /dev/ttyACM*, /dev/ttyS*, or /dev/serial/by-id/*.",
                 422};
  }
  // The lock is for others who ask, and for a second box; TIOCEXCL for those who do not.
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return cannot_open(address.device, EBUSY);
  ::ioctl(file.get(), TIOCEXCL);
  ::cfmakeraw(&wanted);
  wanted.c_cflag |= CLOCAL | CREAD;
  wanted.c_cflag &= ~static_cast<tcflag_t>(CRTSCTS);
  wanted.c_cc[VMIN] = 1;
  wanted.c_cc[VTIME] = 0;
  ::cfsetspeed(&wanted, speed_of(address.line.baud.value_or(9600)));
  opened_line out;
  if (!set_and_look(file.get(), wanted, form_of(address.line))) {
    if (!set_and_look(file.get(), wanted, CS8))
      return fault{"serial.settings", address.device + " does not take these line settings.",
                   "Try others behind the ? of its address.", 503};
    out.warning = fault{
        "serial.no_parity", address.device + " does 8 bits without parity only, and is used so.",
        "A pseudo-terminal is like that; a real line should do what is asked.", 200};
  }
  ::tcflush(file.get(), TCIOFLUSH);
  out.file = file.release();
  return out;
}

fault line_ended(const port_address& address, int error) {
  if (error == 0 || error == EIO || error == ENODEV || error == ENXIO || error == EBADF)
    return {"serial.closed", address.device + " is gone.",
            "Plug the device in again and switch it on; it is found by itself.", 503};
  return {"serial.broken", address.device + " fails: " + std::strerror(error) + ".",
          "Check the cable and the adapter.", 503};
}

} // namespace troupe::port
