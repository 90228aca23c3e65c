// links: troupe_messages
#include "actors/server/box_session_core.cpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

/// Plays a box that sends anything, to the decisions of the server's link. Each frame stands behind
/// its length in two bytes, big end first. The neighbours answer as they would.
namespace {

using namespace troupe;
using core = server::box_session_core;

void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

class stage {
public:
  void frame(byte_span bytes) {
    if (!link_.may_read()) return settle(); // its socket would not be read
    auto read = from_msgpack<link::box_frame>(bytes);
    carry_out(read ? link_.frame(std::move(*read)) : link_.garbage(read.error()));
  }
  /// What was under way to disk is there.
  void settle() {
    for (; under_way_ > 0; --under_way_)
      carry_out(link_.published(newest_));
  }

private:
  void carry_out(core::effects effects) {
    check(!ended_ || effects.empty(), "a link that has ended does something");
    for (auto& each : effects)
      std::visit(*this, each);
    check(under_way_ <= server::batches_in_flight, "too much is under way");
  }
  void last_word() {
    check(!std::exchange(ended_, true), "two last words");
    check(link_.where() == core::phase::ended, "not ended");
  }

public:
  void operator()(core::prove_hello&) {
    check(server::is_box_id(link_.greeting().box.text), "a box without an identifier");
    carry_out(link_.proved(true));
  }
  void operator()(core::look_up_owner&) { carry_out(link_.looked_up({})); }
  void operator()(core::ask_for_code&) {
    carry_out(link_.coded({"BCDFGHJK", std::chrono::hours(2)}));
  }
  void operator()(core::admit&) { carry_out(link_.admitted(server::admission::linked)); }
  void operator()(core::ask_position&) { carry_out(link_.positioned(newest_)); }
  void operator()(core::publish& what) {
    check(!what.events.empty(), "nothing to publish");
    for (const auto& each : what.events) {
      check(each.sequence > newest_, "an event is repeated or out of order");
      newest_ = each.sequence;
    }
    ++under_way_;
  }
  void operator()(core::fetch& what) {
    if (what.after == 0)
      carry_out(link_.fetched({{1, {}}, {2, {}}}));
    else
      carry_out(link_.fetched({}));
  }
  void operator()(core::send_paired&) { last_word(); }
  void operator()(core::send_forget&) { last_word(); }
  void operator()(core::send_refusal&) { last_word(); }
  void operator()(core::send_bye&) { last_word(); }
  void operator()(core::close&) { last_word(); }
  template <class Other>
  void operator()(Other&) {}

private:
  core link_;
  std::uint64_t newest_ = 0;
  std::uint32_t under_way_ = 0;
  bool ended_ = false;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  stage play;
  byte_span left(data, size);
  while (left.size() >= 2) {
    const std::size_t length = std::min<std::size_t>(left[0] << 8 | left[1], left.size() - 2);
    play.frame(left.subspan(2, length));
    left = left.subspan(2 + length);
  }
  play.settle();
  return 0;
}
