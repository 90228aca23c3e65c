#include "actors/server/announced_boxes.hpp"
#include "messages/codec.hpp"
#include "security/announcement.hpp"
#include "tests/actors/server/server_fixture.hpp"

namespace troupe::server {
namespace {

using transport::client_response;

/// Boxes that announce themselves, as the test says.
class announced_boxes_test : public server_test {
protected:
  void SetUp() override {
    start_store();
    bus = spawn_bus(system(), shared, store);
    open();
  }
  void open(std::vector<std::string> of_domains = {}) {
    announced_options options;
    options.ask = [this](const std::string& url,
                         std::function<void(result<client_response>)> answered) {
      asked.push_back(url);
      waiting.emplace_back(url, std::move(answered));
    };
    options.listen = [this](mdns::responder::browse_callbacks callbacks) -> mdns_listener {
      network = std::move(callbacks);
      return std::make_shared<int>();
    };
    options.domains = std::move(of_domains);
    options.look_up = [this](const std::string& domain) { return domains(domain); };
    boxes = track(spawn_announced_boxes(system(), shared, std::move(options), bus));
    settle();
  }
  void TearDown() override {
    boxes = nullptr;
    bus = nullptr;
    server_test::TearDown();
  }

  struct box_of_test {
    std::string address;
    security::signing_key key = security::signing_key::make();
    announcement said;
  };
  box_of_test make_box(const std::string& id, const std::string& address) {
    box_of_test made;
    made.address = address;
    made.said.id = box_id(id);
    made.said.name = "Box " + id;
    made.said.version = "0.1.0";
    return made;
  }
  static std::vector<std::string> txt_of(box_of_test& box) {
    box.said.nonce.clear();
    security::sign(box.said, box.key);
    return to_txt(box.said);
  }
  void announce(box_of_test& box, const std::string& key, bool ipv6 = false) {
    network.found({key, box.said.name, box.address, ipv6, 8069, txt_of(box)});
    settle();
  }
  /// Who stands at the address answers.
  void answer_as(box_of_test& box) {
    for (auto& [url, answered] : std::exchange(waiting, {})) {
      auto said = box.said;
      said.nonce = url.substr(url.find('=') + 1);
      security::sign(said, box.key);
      client_response response;
      response.status = 200;
      response.body = to_json(said);
      answered(response);
    }
    settle();
  }
  void silence() {
    for (auto& [url, answered] : std::exchange(waiting, {}))
      answered(fault{"transport.timeout", "No answer.", {}, 504});
    settle();
  }
  std::vector<found_box> found() { return ask<announced_boxes>(boxes, get_announced{})->found; }

  bus_actor bus;
  announced_boxes_actor boxes;
  mdns::responder::browse_callbacks network;
  std::vector<std::string> asked;
  std::vector<std::pair<std::string, std::function<void(result<client_response>)>>> waiting;
  std::function<result<std::vector<transport::dns_service>>(const std::string&)> domains;
};

TEST_F(announced_boxes_test, counts_as_reached_when_the_box_has_said_the_same_itself) {
  auto box = make_box("b1", "192.168.1.9");
  announce(box, "2/0/b1");
  ASSERT_EQ(found().size(), 1u);
  EXPECT_FALSE(found()[0].answers);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_TRUE(asked[0].starts_with("http://192.168.1.9:8069/api/v1/announcement?nonce="));
  answer_as(box);
  ASSERT_EQ(found().size(), 1u);
  EXPECT_TRUE(found()[0].answers);
  EXPECT_EQ(found()[0].kind, found_kind::box);
  EXPECT_EQ(found()[0].way, found_way::mdns);
  network.gone("2/0/b1");
  settle();
  EXPECT_TRUE(found().empty());
}

TEST_F(announced_boxes_test, a_wrong_signature_and_a_copied_announcement_are_told_apart) {
  auto box = make_box("b1", "192.168.1.9");
  auto txt = txt_of(box);
  txt[2] = "name=The till";
  network.found({"a", "x", "192.168.1.66", false, 8069, txt});
  settle();
  ASSERT_EQ(found().size(), 1u);
  EXPECT_EQ(found()[0].kind, found_kind::forged);
  EXPECT_TRUE(asked.empty()) << "there is nothing to ask";
  network.gone("a");
  // Word for word what the box says, by somebody else at another address.
  network.found({"b", "x", "192.168.1.66", false, 8069, txt_of(box)});
  settle();
  auto thief = make_box("b1", "192.168.1.66");
  answer_as(thief);
  ASSERT_EQ(found().size(), 1u);
  EXPECT_EQ(found()[0].kind, found_kind::forged);
}

TEST_F(announced_boxes_test, a_box_of_several_addresses_is_one_box_by_the_best_of_them) {
  auto box = make_box("b1", "fe80::1%eth0");
  announce(box, "2/1/b1", true);
  EXPECT_TRUE(asked[0].starts_with("http://[fe80::1%25eth0]:8069/")) << asked[0];
  answer_as(box);
  box.address = "192.168.1.9";
  announce(box, "2/0/b1");
  answer_as(box);
  ASSERT_EQ(found().size(), 1u);
  EXPECT_EQ(found()[0].url, "http://192.168.1.9:8069/");
  network.gone("2/0/b1");
  settle();
  ASSERT_EQ(found().size(), 1u);
  EXPECT_EQ(found()[0].url, "http://[fe80::1%25eth0]:8069/");
}

TEST_F(announced_boxes_test, who_does_not_answer_is_asked_again_when_somebody_looks) {
  auto box = make_box("b1", "192.168.1.9");
  announce(box, "k");
  silence();
  EXPECT_FALSE(found()[0].answers);
  EXPECT_EQ(asked.size(), 1u);
  caf::anon_send(boxes, look_for_announced{});
  settle();
  EXPECT_EQ(asked.size(), 2u);
  answer_as(box);
  EXPECT_TRUE(found()[0].answers);
  // It got a server: it announces that, and is asked again; meanwhile it counts as before.
  box.said.paired = true;
  announce(box, "k");
  EXPECT_TRUE(found()[0].answers);
  answer_as(box);
  EXPECT_TRUE(found()[0].said.paired);
}

TEST_F(announced_boxes_test, what_strangers_announce_is_left_out) {
  network.found({"k", "Printer", "192.168.1.7", false, 80, {"txtvers=1", "note=Office"}});
  network.found({"l", "Nothing", "192.168.1.8", false, 80, {}});
  settle();
  EXPECT_TRUE(found().empty());
  EXPECT_TRUE(asked.empty());
}

TEST_F(announced_boxes_test, domains_are_looked_into_at_the_start_and_when_somebody_looks) {
  auto box = make_box("b1", "10.2.0.5");
  std::vector<transport::dns_service> listed{{"till", "10.2.0.5", 8069, txt_of(box)}};
  domains = [&](const std::string& domain) -> result<std::vector<transport::dns_service>> {
    EXPECT_EQ(domain, "shop.test");
    return listed;
  };
  open({"shop.test"});
  answer_as(box);
  ASSERT_EQ(found().size(), 1u);
  EXPECT_EQ(found()[0].way, found_way::dns);
  EXPECT_TRUE(found()[0].answers);
  listed.clear();
  caf::anon_send(boxes, look_for_announced{});
  settle();
  EXPECT_TRUE(found().empty());
  domains = [](const std::string&) -> result<std::vector<transport::dns_service>> {
    return fault{"discovery.dns", "No name server answers.", "", 502};
  };
  caf::anon_send(boxes, look_for_announced{});
  settle();
  EXPECT_EQ(ask<announced_boxes>(boxes, get_announced{})->problem.code, "discovery.dns");
}

} // namespace
} // namespace troupe::server
