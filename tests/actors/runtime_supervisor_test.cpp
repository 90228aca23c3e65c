#include "actors/runtime/supervisor.hpp"
#include "tests/actors/fixture.hpp"

#include <stdexcept>

namespace troupe::runtime {
namespace {

using namespace std::chrono_literals;

/// Fails on `int`; logs its own start and end.
struct child_world {
  std::vector<std::string> log;
  std::vector<child_changed> changes;
  bool start_fails = false;
};

caf::actor spawn_child(caf::actor_system& system, child_world& world, std::string id,
                       bool stubborn = false) {
  if (world.start_fails) throw std::runtime_error("no such port");
  return system.spawn([&world, id, stubborn](caf::event_based_actor* self) -> caf::behavior {
    prepare(self, id);
    world.log.push_back("start " + id);
    self->attach_functor([&world, id] { world.log.push_back("end " + id); });
    if (stubborn) self->set_exit_handler([](const caf::exit_msg&) {});
    return {[](int) { throw std::runtime_error("jammed"); }, [](std::string text) { return text; }};
  });
}

class supervisor_test : public actor_test {
protected:
  child_spec spec(std::string id, restart_kind kind = restart_kind::permanent,
                  bool stubborn = false) {
    return make_child(
        id,
        [this, id, stubborn](caf::actor_system& home) {
          return spawn_child(home, world, id, stubborn);
        },
        kind);
  }
  supervisor_actor supervise(std::vector<child_spec> children,
                             supervision strategy = supervision::one_for_one,
                             restart_limits limits = {}) {
    auto made = spawn_supervisor(
        system(),
        {.name = "test",
         .strategy = strategy,
         .limits = limits,
         .children = std::move(children),
         .observer = [this](const child_changed& change) { world.changes.push_back(change); },
         .seed = 7});
    settle();
    return made;
  }
  caf::actor child(const supervisor_actor& parent, const std::string& id) {
    auto found = ask<caf::actor>(parent, find_child{id});
    return found ? *found : caf::actor();
  }
  void break_child(const supervisor_actor& parent, const std::string& id) {
    caf::anon_send(child(parent, id), 1);
    settle();
  }
  child_status status(const supervisor_actor& parent, std::size_t index) {
    return ask<children_status>(parent, get_children{})->children.at(index);
  }

  child_world world;
};

TEST_F(supervisor_test, restarts_a_failed_child_after_its_delay) {
  const auto parent = supervise({spec("a"), spec("b")});
  const auto before = child(parent, "a");
  ASSERT_TRUE(before);
  break_child(parent, "a");
  EXPECT_EQ(ask<caf::actor>(parent, find_child{"a"}).error().code, "supervisor.child_down");
  auto now = status(parent, 0);
  EXPECT_EQ(now.id, "a");
  EXPECT_EQ(now.phase, child_phase::restarting);
  EXPECT_NE(now.last_reason.find("jammed"), std::string::npos);
  advance(100ms);
  const auto after = child(parent, "a");
  ASSERT_TRUE(after);
  EXPECT_NE(before, after);
  now = status(parent, 0);
  EXPECT_EQ(now.phase, child_phase::running);
  EXPECT_EQ(now.restarts, 1u);
  EXPECT_GT(now.since, wall_start);
  EXPECT_EQ(status(parent, 1).restarts, 0u);
  EXPECT_EQ(*ask<std::string>(after, std::string("hello")), "hello");
}

TEST_F(supervisor_test, tells_its_observer_of_new_handles) {
  const auto parent = supervise({spec("a")});
  break_child(parent, "a");
  advance(100ms);
  ASSERT_EQ(world.changes.size(), 3u);
  EXPECT_EQ(world.changes[0].phase, child_phase::running);
  EXPECT_EQ(world.changes[1].phase, child_phase::restarting);
  EXPECT_FALSE(world.changes[1].handle);
  EXPECT_NE(world.changes[1].reason.find("jammed"), std::string::npos);
  EXPECT_EQ(world.changes[2].handle, child(parent, "a"));
}

TEST_F(supervisor_test, gives_a_child_up_after_too_many_failures_and_lives_on) {
  const auto parent = supervise({spec("a")}, supervision::one_for_one, {.restarts = 2});
  for (int i = 0; i < 3; ++i) {
    break_child(parent, "a");
    if (i < 2) advance(1s);
  }
  EXPECT_EQ(status(parent, 0).phase, child_phase::failed);
  advance(29s);
  EXPECT_EQ(status(parent, 0).phase, child_phase::failed);
  advance(1s);
  EXPECT_EQ(status(parent, 0).phase, child_phase::running);
}

TEST_F(supervisor_test, a_failed_start_counts_as_a_failure_and_is_tried_again) {
  world.start_fails = true;
  const auto parent = supervise({});
  const auto added = ask<caf::actor>(parent, add_child{spec("a")});
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, "supervisor.child_down");
  EXPECT_NE(added.error().text.find("no such port"), std::string::npos);
  advance(300ms);
  EXPECT_EQ(status(parent, 0).phase, child_phase::restarting);
  world.start_fails = false;
  advance(1s);
  EXPECT_EQ(status(parent, 0).phase, child_phase::running);
}

TEST_F(supervisor_test, children_come_and_go_by_id) {
  const auto parent = supervise({});
  const auto added = ask<caf::actor>(parent, add_child{spec("a")});
  ASSERT_TRUE(added);
  EXPECT_EQ(*added, child(parent, "a"));
  EXPECT_EQ(ask<caf::actor>(parent, add_child{spec("a")}).error().code, "supervisor.id_taken");
  EXPECT_TRUE(*ask<bool>(parent, remove_child{"a"}));
  EXPECT_FALSE(*ask<bool>(parent, remove_child{"a"}));
  EXPECT_EQ(world.log, (std::vector<std::string>{"start a", "end a"}));
  EXPECT_EQ(ask<caf::actor>(parent, find_child{"a"}).error().status, 404);
  EXPECT_TRUE(ask<caf::actor>(parent, add_child{spec("a")}));
}

TEST_F(supervisor_test, temporary_child_that_ends_is_forgotten) {
  const auto parent = supervise({spec("a", restart_kind::temporary)});
  break_child(parent, "a");
  EXPECT_TRUE(ask<children_status>(parent, get_children{})->children.empty());
}

TEST_F(supervisor_test, retries_at_once_on_request) {
  const auto parent = supervise({spec("a")});
  break_child(parent, "a");
  EXPECT_TRUE(*ask<bool>(parent, retry_child{"a"}));
  EXPECT_TRUE(child(parent, "a"));
  EXPECT_FALSE(*ask<bool>(parent, retry_child{"b"}));
  advance(1s);
  EXPECT_EQ(status(parent, 0).restarts, 1u);
}

TEST_F(supervisor_test, rest_for_one_restarts_the_later_ones_too) {
  const auto parent = supervise({spec("a"), spec("b"), spec("c")}, supervision::rest_for_one);
  world.log.clear();
  break_child(parent, "b");
  advance(100ms);
  EXPECT_EQ(world.log, (std::vector<std::string>{"end b", "end c", "start b", "start c"}));
}

TEST_F(supervisor_test, ends_in_reverse_order_and_kills_the_stubborn) {
  const auto parent = supervise({spec("a"), spec("b", restart_kind::permanent, true), spec("c")});
  const auto [watcher, ends] = collector<std::string>();
  auto log = ends;
  parent->attach_functor([log](const caf::error& reason) { log->push_back(to_text(reason)); });
  world.log.clear();
  caf::anon_send_exit(parent, caf::exit_reason::user_shutdown);
  settle();
  EXPECT_EQ(world.log, (std::vector<std::string>{"end c"}));
  EXPECT_EQ(ask<caf::actor>(parent, add_child{spec("d")}).error().code, "supervisor.stopping");
  advance(5s);
  EXPECT_EQ(world.log, (std::vector<std::string>{"end c", "end b", "end a"}));
  EXPECT_EQ(log->size(), 1u);
}

TEST_F(supervisor_test, a_killed_supervisor_takes_its_children_along) {
  const auto parent = supervise({spec("a", restart_kind::permanent, true), spec("b")});
  world.log.clear();
  caf::anon_send_exit(parent, caf::exit_reason::kill);
  settle();
  EXPECT_EQ(world.log.size(), 2u);
}

TEST_F(supervisor_test, supervisors_nest) {
  auto inner = make_child("inner", [this](caf::actor_system& home) {
    return spawn_supervisor(home, {.name = "inner",
                                   .limits = {.restarts = 0},
                                   .when_exceeded = escalation::end_supervisor,
                                   .children = {spec("leaf")},
                                   .seed = 1});
  });
  const auto outer = supervise({inner});
  const auto handle = caf::actor_cast<supervisor_actor>(child(outer, "inner"));
  break_child(handle, "leaf");
  const auto now = status(outer, 0);
  EXPECT_EQ(now.phase, child_phase::restarting);
  EXPECT_NE(now.last_reason.find("leaf failed too often"), std::string::npos);
  advance(1s);
  EXPECT_EQ(world.log, (std::vector<std::string>{"start leaf", "end leaf", "start leaf"}));
}

} // namespace
} // namespace troupe::runtime
