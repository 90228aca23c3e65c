#include "security/certificate_authority.hpp"

#include <gtest/gtest.h>

namespace troupe::security {
namespace {

using namespace std::chrono_literals;

const time_point start{1'800'000'000s};
const certificate_names shop{{"k3f9.iot.example.org", "*.k3f9.iot.example.org", "till.local"},
                             {"192.168.1.20", "fd00:0:0:0:0:0:0:20"}};

struct authority_house {
  signing_key root_key = signing_key::make();
  signing_key below_key = signing_key::make();
  certificate_authority root = *certificate_authority::with(
      root_key, make_root_certificate(root_key, "Corner shops", start));
  certificate_authority below = *certificate_authority::with(
      below_key, root.issue_authority(below_key.public_key().view(), "Corner shops boxes", start));

  std::vector<shared_bytes> chain_for(const signing_key& key, const certificate_names& names,
                                      time_point now = start,
                                      std::chrono::seconds life = 90 * 24h) const {
    const auto asked = make_certificate_request(key, names);
    const auto read = read_certificate_request(asked->view());
    return {*below.issue(*read, now, life), below.certificate()};
  }
};

std::string defect(const std::vector<shared_bytes>& chain, const std::vector<shared_bytes>& roots,
                   const signing_key& key, const certificate_names& names, time_point now) {
  const auto found = defect_of_chain(chain, roots, {key.public_key().view(), names, now});
  return found ? found->code : "";
}

TEST(certificate_request_test, carries_key_and_names_and_proves_the_key) {
  const auto key = signing_key::make();
  const auto der = make_certificate_request(key, shop);
  ASSERT_TRUE(der);
  const auto read = read_certificate_request(der->view());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->public_key, key.public_key());
  EXPECT_EQ(read->names, shop);
}

TEST(certificate_request_test, what_is_none_is_refused) {
  const auto key = signing_key::make();
  const auto der = make_certificate_request(key, shop);
  byte_vector bent(der->view().begin(), der->view().end());
  bent.back() ^= 1;
  byte_vector longer(der->view().begin(), der->view().end());
  longer.push_back(0);
  const byte_vector cut(der->view().begin(), der->view().end() - 1);
  for (const auto& each : {bent, longer, cut, byte_vector{}, byte_vector(20'000, 0x30)})
    EXPECT_EQ(read_certificate_request(each).error().code, "certificate.bad_request");
  for (const auto& bad : {certificate_names{{""}, {}},
                          {{"a b"}, {}},
                          {{"*.*.example"}, {}},
                          {{"example."}, {}},
                          {{std::string(254, 'a')}, {}},
                          {{}, {"192.168.1"}},
                          {{}, {"192.168.1.20/24"}},
                          {std::vector<std::string>(65, "a.example"), {}}})
    EXPECT_EQ(make_certificate_request(key, bad).error().code, "certificate.bad_name");
}

TEST(certificate_authority_test, what_it_issues_is_good_for_the_key_the_names_and_the_time) {
  const authority_house house;
  const auto key = signing_key::make();
  const auto chain = house.chain_for(key, shop);
  const std::vector<shared_bytes> roots{house.root.certificate()};
  EXPECT_EQ(defect(chain, roots, key, shop, start), "");
  EXPECT_EQ(defect(chain, roots, key, {{"till.k3f9.iot.example.org"}, {}}, start), "")
      << "the wildcard covers it";
  EXPECT_EQ(defect(chain, roots, key, {{"a.b.k3f9.iot.example.org"}, {}}, start),
            "certificate.wrong_name");
  EXPECT_EQ(defect(chain, roots, key, {{"other.example.org"}, {}}, start),
            "certificate.wrong_name");
  EXPECT_EQ(defect(chain, roots, key, {{}, {"192.168.1.21"}}, start), "certificate.wrong_name");
  EXPECT_EQ(defect(chain, roots, signing_key::make(), shop, start), "certificate.wrong_key");
  EXPECT_EQ(defect(chain, roots, key, shop, start - 11min), "certificate.early");
  EXPECT_EQ(defect(chain, roots, key, shop, start - 9min), "") << "clocks differ a little";
  EXPECT_EQ(defect(chain, roots, key, shop, start + 90 * 24h + 1s), "certificate.expired");
  EXPECT_EQ(defect(chain, {}, key, shop, start), "certificate.untrusted");
  EXPECT_EQ(defect(chain, {authority_house().root.certificate()}, key, shop, start),
            "certificate.untrusted")
      << "another shop's root";
  EXPECT_EQ(defect({chain[0]}, roots, key, shop, start), "certificate.untrusted")
      << "what is between is missing";
  EXPECT_EQ(defect({}, roots, key, shop, start), "certificate.unreadable");
}

TEST(certificate_authority_test, the_facts_of_a_certificate_can_be_read) {
  const authority_house house;
  const auto key = signing_key::make();
  const auto chain = house.chain_for(key, shop, start + 1h, 24h);
  const auto facts = read_certificate(chain[0].view());
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->names, shop);
  EXPECT_EQ(facts->subject, "k3f9.iot.example.org");
  EXPECT_EQ(facts->issuer, "Corner shops boxes");
  EXPECT_EQ(facts->valid_from, start + 50min);
  EXPECT_EQ(facts->valid_to, start + 25h);
  EXPECT_EQ(facts->public_key, key.public_key());
  EXPECT_FALSE(facts->authority);
  EXPECT_EQ(facts->serial.size(), 32u);
  EXPECT_NE(facts->serial, read_certificate(house.chain_for(key, shop)[0].view())->serial);
  EXPECT_TRUE(house.below.facts().authority);
  EXPECT_EQ(house.root.facts().issuer, house.root.facts().subject) << "it signs itself";
}

TEST(certificate_authority_test, nothing_outlives_who_signed_it) {
  const authority_house house;
  const auto key = signing_key::make();
  const auto late = start + 9 * 365 * 24h;
  const auto chain = house.chain_for(key, shop, late, 3 * 365 * 24h);
  EXPECT_EQ(read_certificate(chain[0].view())->valid_to, house.below.facts().valid_to);
}

TEST(certificate_authority_test, a_box_cannot_issue) {
  const authority_house house;
  const auto key = signing_key::make();
  const auto chain = house.chain_for(key, shop);
  EXPECT_EQ(certificate_authority::with(key, chain[0]).error().code, "certificate.bad_authority");
  EXPECT_EQ(certificate_authority::with(key, house.root.certificate()).error().code,
            "certificate.bad_authority")
      << "another's certificate";
  EXPECT_EQ(house.below.issue({key.public_key(), {}}, start, 24h).error().code,
            "certificate.bad_name");
}

TEST(certificate_chain_test, is_kept_as_text_and_read_back) {
  const authority_house house;
  const auto chain = house.chain_for(signing_key::make(), shop);
  const auto text = chain_text(chain);
  EXPECT_EQ(text.substr(0, 27), "-----BEGIN CERTIFICATE-----");
  EXPECT_EQ(*read_chain(text), chain);
  EXPECT_EQ(*read_chain("a word before\n" + text), chain);
  EXPECT_EQ(read_chain("").error().code, "certificate.unreadable");
  EXPECT_EQ(
      read_chain("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").error().code,
      "certificate.unreadable");
  EXPECT_EQ(read_chain(text + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
                .error()
                .code,
            "certificate.unreadable");
}

} // namespace
} // namespace troupe::security
