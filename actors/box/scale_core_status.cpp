#include "actors/box/scale_core.hpp"

#include <cstdlib>
#include <utility>

/// What a scale's core says about it.
namespace troupe::box {
namespace {

using scale::outcome;

struct words {
  device_state state;
  const char* code;
  const char* text;
  const char* remedy;
};

words words_of(outcome what) {
  switch (what) {
  case outcome::over:
    return {device_state::trouble, "ERROR_TOO_HEAVY", "Too heavy: more than the scale can weigh.",
            "Take something off; the weight shows by itself."};
  case outcome::under:
    return {device_state::attention, "WARNING_UNDER_ZERO", "Below zero.",
            "Put back what belongs on it, or take everything off and press zero."};
  case outcome::zero_error:
    return {device_state::trouble, "ERROR_ZERO", "The scale cannot find its zero.",
            "Take everything off, then switch the scale off and on."};
  case outcome::moving:
    return {device_state::attention, "", "Moving.", ""};
  default:
    return {device_state::trouble, "ERROR_NO_WEIGHT", "The scale answers, but gives no weight.",
            "Look at its display; check its interface settings."};
  }
}

bool differs_by_one_step(const scale::reading& a, const scale::reading& b) {
  return a.unit == b.unit && a.value->places == b.value->places &&
         std::llabs(a.value->digits - b.value->digits) <= 1;
}

} // namespace

value weight_value(const scale::reading& heard) {
  value::object out;
  const bool has = heard.value.has_value();
  const bool weighs = has && heard.what == outcome::weight;
  out["weight"] = weighs ? value(heard.value->number()) : value();
  out["text"] = has ? heard.value->text() : std::string();
  out["unit"] = heard.unit;
  out["precision"] = has ? value(std::int64_t{heard.value->places}) : value();
  out["stable"] = heard.what == outcome::weight;
  out["motion"] = heard.what == outcome::moving;
  out["over"] = heard.what == outcome::over;
  out["under"] = heard.what == outcome::under;
  out["net"] = heard.net;
  return out;
}

value scale_core::details() const {
  auto out = weight_value(last_.value_or(scale::reading{}));
  auto members = *out.as_object();
  members["connected"] = port_ == port_state::open && fresh();
  members["reading"] = !readers_.empty();
  members["protocol"] = port_ == port_state::open ? speaks_->name : std::string_view();
  return members;
}

device_status scale_core::present_status() const {
  device_status status;
  status.waiting = static_cast<std::uint32_t>(jobs_.size());
  status.details = details();
  if (port_fault_ && !fresh()) {
    status.state = device_state::trouble;
    status.code = port_fault_->code == "scale.silent" ? "ERROR_TIMEOUT" : "ERROR_OFFLINE";
    status.text = port_fault_->text;
    status.remedy = port_fault_->remedy;
  } else if (port_ != port_state::open) {
    status.text = "Finding out how the scale speaks.";
  } else if (!fresh() && heard_at_ == opened_at_) {
    status.text = "Waiting for the scale's first answer.";
  } else if (!fresh()) {
    status.code = "ERROR_TIMEOUT";
    status.text = "The scale has stopped answering.";
    status.remedy = "Check that it is on, and its cable.";
  } else if (last_->what == outcome::weight) {
    status.state = device_state::ready;
    status.text = last_->value->text() + " " + last_->unit + (last_->net ? " net" : "");
  } else {
    const auto said = words_of(last_->what);
    status.state = said.state;
    status.code = said.code;
    status.text = said.text;
    status.remedy = said.remedy;
  }
  return status;
}

/// A change of what is wrong is kept, at most every so often; everything else is a live value.
void scale_core::report_if_changed(time now, effects& out) {
  auto status = present_status();
  const std::string of_class =
      status.code + (status.state == device_state::unknown ? " unknown" : "");
  const bool other_class = of_class != kept_class_;
  const bool may_keep =
      kept_class_ == "-" || kept_class_.ends_with("unknown") || now - kept_at_ >= times_.status_gap;
  keep_later_ = other_class && !may_keep;
  const bool repeat = last_ && now - reported_at_ >= times_.repeat;
  if (reported_ && *reported_ == status && !repeat && !(other_class && may_keep)) return;
  const bool live = !(other_class && may_keep);
  if (!live) {
    kept_class_ = of_class;
    kept_at_ = now;
  }
  reported_ = status;
  reported_at_ = now;
  out.push_back(report{std::move(status), live});
}

/// A weight that has stood for a while is worth an event of its own; zero is not, but it makes the
/// next weight a new one.
void scale_core::note_if_new(time now, effects& out) {
  if (!last_ || last_->what != outcome::weight || now - settled_since_ < times_.settled) return;
  if (last_->value->digits == 0) {
    noted_.reset();
    return;
  }
  if (noted_ && noted_->value == last_->value && noted_->unit == last_->unit &&
      noted_->net == last_->net)
    return;
  const auto gap =
      noted_ && differs_by_one_step(*noted_, *last_) ? times_.jitter_gap : times_.note_gap;
  if (noted_at_ != time{} && now - noted_at_ < gap) return;
  noted_ = last_;
  noted_at_ = now;
  out.push_back(note_weight{weight_value(*last_)});
}

} // namespace troupe::box
