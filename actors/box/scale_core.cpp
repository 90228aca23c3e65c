#include "actors/box/scale_core.hpp"

#include <algorithm>
#include <utility>

namespace troupe::box {
namespace {

using scale::outcome;

} // namespace

scale_core::job* scale_core::find(const action_id& id) {
  const auto at = std::find_if(jobs_.begin(), jobs_.end(),
                               [&](const job& each) { return each.request->id == id; });
  return at == jobs_.end() ? nullptr : &*at;
}

scale_core::effects scale_core::restore(time now, const std::vector<action_record>& accepted,
                                        const std::vector<action_record>& sent) {
  effects out;
  for (const auto* list : {&accepted, &sent})
    for (const auto& each : *list) {
      if (find(each.id) != nullptr) continue; // submitted since
      const auto what = kind_of(each.action);
      const bool moved = list == &sent && (what == kind::zero || what == kind::tare);
      out.push_back(finish{each.id, moved ? action_state::unknown : action_state::failed,
                           "ERROR_RESTARTED", "The box was started anew before it was done."});
    }
  open(out);
  report_if_changed(now, out);
  return out;
}

// ---- the wire ----

void scale_core::open(effects& out) {
  tried_ = 0;
  speaks_ = told_ != nullptr ? told_ : known_ != nullptr ? known_ : scale::protocols().data();
  port_ = port_state::opening;
  out.push_back(open_port{speaks_});
}

scale_core::effects scale_core::opened(time now) {
  effects out;
  if (port_ != port_state::opening) return out;
  opened_at_ = heard_at_ = now;
  reader_.emplace(*speaks_);
  if (told_ != nullptr) {
    begin_asking(now);
    ask(now, out);
  } else {
    port_ = port_state::probing;
    probed_.clear();
    probe_ends_ = now + times_.probe;
    out.push_back(write{std::string(speaks_->probe.send)});
  }
  report_if_changed(now, out);
  return out;
}

void scale_core::begin_asking(time now) {
  port_ = port_state::open;
  known_ = speaks_;
  asked_ = commanded_ = false;
  ask_at_ = now;
  reader_.emplace(*speaks_);
}

/// Nobody answered the probe in time.
void scale_core::try_next_protocol(time now, effects& out) {
  if (!speaks_->probe.then.empty()) out.push_back(write{std::string(speaks_->probe.then)});
  const auto table = scale::protocols();
  if (++tried_ >= table.size()) {
    known_ = nullptr;
    return lose(now,
                {"scale.silent", "The scale does not answer in any way that this box knows.",
                 "Check that it is on, its cable, and its interface settings.", 503},
                out);
  }
  // The one that was tried first is not tried again.
  const auto first = known_ != nullptr ? static_cast<std::size_t>(known_ - table.data()) : 0;
  const auto next = tried_ <= first ? tried_ - 1 : tried_;
  speaks_ = &table[next];
  port_ = port_state::opening;
  out.push_back(open_port{speaks_});
}

scale_core::effects scale_core::closed(time now, const fault& reason) {
  effects out;
  lose(now, reason, out);
  report_if_changed(now, out);
  return out;
}

void scale_core::lose(time now, const fault& reason, effects& out) {
  port_ = port_state::closed;
  port_fault_ = reason;
  last_.reset();
  same_.reset();
  noted_.reset();
  asked_ = commanded_ = false;
  const auto wait = std::min<std::chrono::milliseconds>(
      times_.reconnect_first * (1u << std::min(failed_opens_, 6u)), times_.reconnect_last);
  ++failed_opens_;
  reopen_at_ = now + wait;
  for (auto& each : jobs_)
    if (each.at_scale) each.deadline = now; // nobody will answer it any more
  serve_jobs(now, out);
}

bool scale_core::reads(time now) const {
  return std::ranges::any_of(readers_, [&](const auto& each) { return each.second > now; }) ||
         std::ranges::any_of(jobs_, [](const job& each) { return each.taken; });
}

/// Sends the next question, or a command that waits, when it is time.
void scale_core::ask(time now, effects& out) {
  if (port_ != port_state::open || asked_ || now < ask_at_) return;
  std::string_view bytes = speaks_->ask;
  for (auto& each : jobs_) {
    if (!each.taken || each.at_scale || (each.what != kind::zero && each.what != kind::tare))
      continue;
    bytes = each.what == kind::zero ? speaks_->zero : speaks_->tare;
    each.at_scale = commanded_ = true;
    out.push_back(mark_sent{each.request->id});
    break;
  }
  asked_ = true;
  asked_at_ = now;
  out.push_back(write{std::string(bytes)});
}

scale_core::effects scale_core::received(time now, std::span<const std::uint8_t> bytes) {
  effects out;
  if (!reader_ || (port_ != port_state::open && port_ != port_state::probing)) return out;
  const auto heard = reader_->feed(bytes);
  if (port_ == port_state::probing) {
    for (const auto byte : bytes)
      probed_ += static_cast<char>(speaks_->line.bits == 7 ? byte & 0x7F : byte);
    if (probed_.size() > 4 * scale::longest_answer)
      probed_.erase(0, probed_.size() - 4 * scale::longest_answer);
    const auto& expect = speaks_->probe.expect;
    const bool known = expect.empty()
                           ? std::ranges::any_of(heard,
                                                 [](const scale::reading& each) {
                                                   return each.what != outcome::unreadable;
                                                 })
                           : probed_.find(expect) != std::string::npos;
    if (!known) return out;
    if (!speaks_->probe.then.empty()) out.push_back(write{std::string(speaks_->probe.then)});
    begin_asking(now);
    ask_at_ = now + speaks_->pace;
  } else {
    for (const auto& each : heard)
      take(now, each, out);
  }
  ask(now, out);
  serve_jobs(now, out);
  note_if_new(now, out);
  report_if_changed(now, out);
  return out;
}

/// A weight of a scale that does not tell motion counts once it has been the same for a while.
void scale_core::settle_by_sameness(time now, scale::reading& heard) {
  if (!heard.value) return;
  if (same_ != heard.value) {
    same_ = heard.value;
    same_since_ = now;
  }
  if (heard.what == outcome::weight && now - same_since_ < times_.settled)
    heard.what = outcome::moving;
}

void scale_core::take(time now, scale::reading heard, effects& out) {
  if (heard.what == outcome::unreadable) return; // as if nothing had been said
  heard_at_ = now;
  port_fault_.reset();
  failed_opens_ = 0;
  if (asked_) {
    asked_ = false;
    const auto period = std::max(reads(now) ? times_.wanted : times_.idle, speaks_->pace);
    ask_at_ = std::max(now, asked_at_ + period);
    if (std::exchange(commanded_, false)) {
      answer_command(heard, out);
      ask_at_ = now;
      if (heard.what == outcome::status) return;
    }
  }
  if (!speaks_->tells_motion) settle_by_sameness(now, heard);
  const bool same = last_ && last_->what == outcome::weight && heard.what == outcome::weight &&
                    last_->value == heard.value && last_->unit == heard.unit;
  if (!same) settled_since_ = now;
  last_ = std::move(heard);
}

// ---- time ----

/// What has not been confirmed for a while is not known any more; who is silent is given up.
void scale_core::watch_age(time now, effects& out) {
  if (port_ != port_state::open) return;
  if (asked_ && now - asked_at_ >= speaks_->answer) {
    asked_ = commanded_ = false;
    ask_at_ = now;
    reader_->reset();
  }
  if (now - heard_at_ >= times_.stale) {
    last_.reset();
    same_.reset();
  }
  if (now - heard_at_ >= times_.give_up)
    lose(now,
         {"scale.silent", "The scale does not answer.",
          "Check that it is on, its cable, and its interface settings.", 503},
         out);
}

scale_core::effects scale_core::tick(time now) {
  effects out;
  std::erase_if(readers_, [&](const auto& each) { return each.second <= now; });
  if (port_ == port_state::closed && now >= reopen_at_) open(out);
  if (port_ == port_state::probing && now >= probe_ends_) try_next_protocol(now, out);
  watch_age(now, out);
  ask(now, out);
  serve_jobs(now, out);
  note_if_new(now, out);
  report_if_changed(now, out);
  return out;
}

std::optional<scale_core::time> scale_core::next_tick() const {
  std::optional<time> next;
  const auto at = [&](time when) {
    if (!next || when < *next) next = when;
  };
  if (port_ == port_state::closed) at(reopen_at_);
  if (port_ == port_state::probing) at(probe_ends_);
  if (port_ == port_state::open) {
    at(asked_ ? asked_at_ + speaks_->answer : ask_at_);
    at(heard_at_ + (last_ ? times_.stale : times_.give_up));
    if (last_) at(reported_at_ + times_.repeat);
  }
  for (const auto& each : jobs_)
    if (each.taken) at(each.deadline);
  if (keep_later_) at(kept_at_ + times_.status_gap);
  return next;
}

} // namespace troupe::box
