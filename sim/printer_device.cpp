#include "sim/printer_device.hpp"

#include "sim/model/escpos_printer.hpp"

#include <algorithm>

namespace troupe::sim {

using namespace std::chrono_literals;

/// Time between two portions of paper at a real pace.
constexpr auto tick = 10ms;

std::string_view to_string(standing value) {
  constexpr std::string_view names[] = {"ready", "attention", "trouble", "unknown"};
  return names[static_cast<std::size_t>(value)];
}

bool is_printer_name(std::string_view name) {
  constexpr std::size_t longest = 32;
  return !name.empty() && name.size() <= longest &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos;
}

std::shared_ptr<printer_device> printer_device::make(device_options options, device_time time) {
  return std::shared_ptr<printer_device>(new printer_device(std::move(options), std::move(time)));
}

printer_device::printer_device(device_options options, device_time time)
    : options_(std::move(options)), time_(std::move(time)),
      model_(std::make_unique<escpos_printer>(options_.model)) {
  since_ = time_.wall_now();
  begin_job();
}

void printer_device::add_host(std::weak_ptr<printer_host> host) {
  std::erase_if(hosts_, [](const auto& old) { return old.expired(); });
  hosts_.push_back(std::move(host));
}

void printer_device::connected(const std::shared_ptr<printer_host>& host) {
  connections_.push_back(host.get());
  speaker_ = host;
  later(state_changed{});
}

void printer_device::disconnected(const printer_host* host) {
  auto found = std::find(connections_.begin(), connections_.end(), host);
  if (found == connections_.end()) return;
  connections_.erase(found);
  later(state_changed{});
}

std::size_t printer_device::offer(byte_span bytes) {
  auto taken = power_ ? model_->offer(bytes) : 0;
  host_waits_ |= taken < bytes.size();
  if (taken > 0) wake();
  return taken;
}

/// Sees to it that `run` comes, once.
void printer_device::wake(device_time::clock::duration delay) {
  if (std::exchange(scheduled_, true)) return;
  time_.after(delay, [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->run();
  });
}

double printer_device::rows_per_second() const {
  constexpr double slow_part = 0.1;
  if (slow_) return real_rows_per_second * slow_part;
  return options_.pace == printer_pace::real ? real_rows_per_second : 0;
}

/// How much may be done now: bounded, so that the loop stays free for others.
work printer_device::budget() {
  work allowed{256 * 1024, 4096, true};
  if (auto rate = rows_per_second(); rate > 0) {
    constexpr std::chrono::duration<double> longest_gap{0.05};
    auto elapsed = std::min<std::chrono::duration<double>>(time_.now() - last_run_, longest_gap);
    credit_ = std::min(credit_ + elapsed.count() * rate, rate * longest_gap.count());
    // One row always, so that commands which print nothing do not wait for the paper's pace.
    allowed.rows = credit_ >= 1 ? static_cast<std::size_t>(credit_) : 1;
  }
  last_run_ = time_.now();
  if (planned_ && planned_->after_bytes > job_bytes_)
    allowed.bytes = std::min<std::size_t>(allowed.bytes, planned_->after_bytes - job_bytes_);
  return allowed;
}

void printer_device::run() {
  scheduled_ = false;
  auto self = shared_from_this(); // a watcher may let go of the device
  if (power_) work_on();
  deliver();
  bool printing = power_ && model_->busy() && !model_->state().stopped();
  if (std::exchange(was_printing_, printing) != printing) tell(state_changed{});
  auto room = model_->buffered() < model_->options().buffer_bytes;
  if (power_ && host_waits_ && room && !model_->state().dead) {
    host_waits_ = false;
    for_hosts([](printer_host& host) { host.take_again(); });
  }
  if (!printing) return;
  auto pause = paused_until_ - time_.now();
  if (pause > pause.zero())
    wake(pause);
  else
    wake(rows_per_second() > 0 && credit_ < 1 ? tick : pause.zero());
}

void printer_device::work_on() {
  if (time_.now() < paused_until_) return;
  auto done = model_->process(budget());
  credit_ -= static_cast<double>(done.rows);
  job_bytes_ += done.bytes;
  if (planned_ && job_bytes_ >= planned_->after_bytes)
    strike(*std::exchange(planned_, std::nullopt));
  if (done.until_cut) begin_job();
}

void printer_device::deliver() {
  for (auto& what : model_->take_effects())
    deliver(what);
  for (const auto& event : std::exchange(pending_, {}))
    tell(event);
}

void printer_device::deliver(effect& what) {
  if (auto* bytes = std::get_if<reply>(&what)) {
    if (auto host = speaker_.lock(); host && power_) host->answer(bytes->bytes);
  } else if (auto* rows = std::get_if<rows_printed>(&what)) {
    tell(std::move(*rows));
  } else if (auto* done = std::get_if<receipt_done>(&what)) {
    keep(std::move(done->receipt));
  } else if (auto* kick = std::get_if<drawer_kicked>(&what)) {
    tell(drawer_opened{kick->connector});
  } else if (std::holds_alternative<beeped>(what)) {
    tell(beeped{});
  } else {
    note_standing();
    tell(state_changed{});
  }
}

void printer_device::keep(receipt paper) {
  auto kept = std::make_shared<kept_receipt>();
  kept->id = name() + "-" + std::to_string(paper.number);
  kept->printer = name();
  kept->time = time_.wall_now();
  kept->paper = std::move(paper);
  receipts_.push_back(kept);
  if (receipts_.size() > receipts_kept) receipts_.pop_front();
  ++finished_;
  tell(receipt_cut{kept});
}

kept_receipt_ptr printer_device::find_receipt(std::string_view id) const {
  for (const auto& kept : receipts_)
    if (kept->id == id) return kept;
  return nullptr;
}

void printer_device::watch(std::weak_ptr<void> watcher,
                           std::function<void(const printer_event&)> callback) {
  watchers_.push_back({std::move(watcher), std::move(callback)});
}

void printer_device::tell(const printer_event& event) {
  std::erase_if(watchers_, [](const auto& each) { return each.alive.expired(); });
  auto present = watchers_; // one may begin or end to watch while it is told
  for (const auto& each : present)
    if (auto alive = each.alive.lock()) each.callback(event);
}

void printer_device::later(printer_event event) {
  constexpr std::size_t most = 16; // all are of kinds that need telling only once
  if (pending_.size() < most) pending_.push_back(std::move(event));
  wake();
}

void printer_device::for_hosts(const std::function<void(printer_host&)>& call) {
  auto present = hosts_;
  for (const auto& each : present)
    if (auto host = each.lock()) call(*host);
}

void printer_device::begin_job() {
  planned_ = options_.faults.fault_of(job_++);
  job_bytes_ = 0;
}

void printer_device::strike(planned_fault fault) {
  switch (fault.kind) {
  case planned_kind::paper_out:
    model_->take_paper();
    break;
  case planned_kind::cover_open:
    model_->set_cover(true);
    break;
  case planned_kind::dead:
    model_->die_after(0);
    break;
  case planned_kind::offline:
    model_->set_fault(printer_fault::offline, true);
    break;
  case planned_kind::delay:
    paused_until_ = time_.now() + fault.mended_after;
    return;
  case planned_kind::cut_connection:
    for_hosts([](printer_host& host) { host.reset_connection(); });
    return;
  }
  time_.after(fault.mended_after, [weak = weak_from_this(), kind = fault.kind] {
    if (auto self = weak.lock()) self->mend(kind);
  });
}

void printer_device::mend(planned_kind kind) {
  switch (kind) {
  case planned_kind::paper_out:
    model_->insert_roll();
    break;
  case planned_kind::cover_open:
    model_->set_cover(false);
    break;
  case planned_kind::dead:
    set_power(false);
    set_power(true);
    break;
  case planned_kind::offline:
    model_->set_fault(printer_fault::offline, false);
    break;
  case planned_kind::delay:
  case planned_kind::cut_connection:
    break;
  }
  wake();
}

} // namespace troupe::sim
