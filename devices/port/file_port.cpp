#include "devices/port/file_port.hpp"

#include "devices/port/job_files.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace troupe::port {
namespace {

fault not_open() {
  return {"port.not_open", "The directory is not open.", "Wait until it is.", 503};
}
fault busy() {
  return {"port.busy", "Too much already waits to be written.",
          "See why the disk is slow, then try again.", 503};
}

} // namespace

/// The loop's half and the disk thread's half; the latter touches only `files_` and `tasks_`.
class file_port::connection : public std::enable_shared_from_this<file_port::connection> {
public:
  connection(boost::asio::io_context& context, std::string directory, events events)
      : executor_(context.get_executor()), files_(std::move(directory)),
        events_(std::move(events)) {}

  void open() {
    add(
        [](job_files& files) -> result<std::size_t> {
          if (auto opened = files.open(); !opened) return opened.error();
          return std::size_t{0};
        },
        [this](result<std::size_t> opened) {
          if (!opened) return fail(opened.error());
          open_ = true;
          if (events_.opened) events_.opened();
        });
    disk_thread_ = std::thread([this] { run(); });
  }

  void write(shared_bytes bytes, done done) {
    const auto size = bytes.size();
    if (!open_ || count_ >= max_waiting_writes || waiting_bytes_ + size > max_waiting_bytes)
      return refuse(std::move(done));
    waiting_bytes_ += size;
    add([bytes](job_files& files) { return files.write(bytes.view()); },
        [this, size, done = std::move(done)](result<std::size_t> written) {
          waiting_bytes_ -= size;
          tell(done, std::move(written));
        });
  }

  void finish_job(done done) {
    if (!open_ || count_ >= max_waiting_writes) return refuse(std::move(done));
    add([](job_files& files) { return files.finish_job(); },
        [this, done = std::move(done)](result<std::size_t> finished) {
          tell(done, std::move(finished));
        });
  }

  /// Waits at most for the one disk operation that runs.
  void let_go() {
    silent_ = true;
    open_ = false;
    {
      const std::scoped_lock lock(mutex_);
      ended_ = true;
      tasks_.clear();
      changed_.notify_all();
    }
    if (disk_thread_.joinable()) disk_thread_.join();
  }

private:
  using work = std::function<result<std::size_t>(job_files&)>;
  struct task {
    work do_it;
    done tell;
    /// Keeps the loop running until the outcome has been told.
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard;
  };

  void add(work do_it, done tell) {
    ++count_;
    const std::scoped_lock lock(mutex_);
    tasks_.push_back({std::move(do_it), std::move(tell), boost::asio::make_work_guard(executor_)});
    changed_.notify_all();
  }

  void refuse(done tell) {
    boost::asio::post(executor_, [self = shared_from_this(), tell = std::move(tell)] {
      if (!self->silent_ && tell) tell(self->open_ ? busy() : not_open());
    });
  }

  void tell(const done& told, result<std::size_t> outcome) {
    const auto why = outcome ? fault{} : outcome.error();
    const bool failed = !outcome;
    if (told) told(std::move(outcome));
    if (failed && !silent_) fail(why);
  }

  void fail(const fault& why) {
    open_ = false;
    {
      const std::scoped_lock lock(mutex_);
      ended_ = true;
      changed_.notify_all();
    }
    const auto closed = events_.closed;
    if (closed) closed(why);
    silent_ = true;
  }

  /// The disk thread.
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return ended_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      auto next = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      auto outcome = next.do_it(files_);
      boost::asio::post(executor_, [self = shared_from_this(), tell = std::move(next.tell),
                                    outcome = std::move(outcome)]() mutable {
        --self->count_;
        if (!self->silent_) tell(std::move(outcome));
      });
      next.guard.reset();
      lock.lock();
    }
  }

  boost::asio::io_context::executor_type executor_;
  job_files files_;
  events events_;
  bool open_ = false;
  bool silent_ = false;
  std::size_t count_ = 0;
  std::size_t waiting_bytes_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<task> tasks_;
  bool ended_ = false;
  std::thread disk_thread_;
};

file_port::file_port(boost::asio::io_context& context, port_address address)
    : context_(context), address_(std::move(address)) {}

file_port::~file_port() {
  file_port::close();
}

void file_port::open(events events) {
  if (connection_) return;
  connection_ = std::make_shared<connection>(context_, address_.directory, std::move(events));
  connection_->open();
}

void file_port::write(shared_bytes bytes, done done) {
  if (connection_) return connection_->write(std::move(bytes), std::move(done));
  boost::asio::post(context_, [done = std::move(done)] { done(not_open()); });
}

void file_port::finish_job(done done) {
  if (connection_) return connection_->finish_job(std::move(done));
  boost::asio::post(context_, [done = std::move(done)] { done(not_open()); });
}

void file_port::close() {
  if (connection_) connection_->let_go();
}

std::string file_port::describe() const {
  return to_string(address_);
}

} // namespace troupe::port
