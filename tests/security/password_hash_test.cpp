#include "security/password_hash.hpp"

#include <gtest/gtest.h>

namespace troupe::security {
namespace {

TEST(password_hash, knows_the_password_again_and_no_other) {
  const auto kept = hash_password("correct horse battery");
  EXPECT_TRUE(verify_password("correct horse battery", kept));
  EXPECT_FALSE(verify_password("correct horse batterz", kept));
  EXPECT_FALSE(verify_password("", kept));
  EXPECT_FALSE(is_outdated(kept));
  EXPECT_EQ(kept.find("horse"), std::string::npos);
}

TEST(password_hash, each_has_a_salt_of_its_own) {
  EXPECT_NE(hash_password("same"), hash_password("same"));
}

// scrypt("pleaseletmein", "SodiumChloride", N 16384, r 8, p 1) of RFC 7914 section 12.
TEST(password_hash, is_the_scrypt_of_the_standard) {
  const std::string kept =
      "scrypt$14$8$1$U29kaXVtQ2hsb3JpZGU=$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI=";
  EXPECT_FALSE(verify_password("pleaseletmeout", kept));
  EXPECT_TRUE(verify_password("pleaseletmein", kept));
  EXPECT_TRUE(is_outdated(kept));
}

TEST(password_hash, anything_else_is_no_password) {
  for (const char* kept :
       {"", "scrypt", "plain", "scrypt$15$8$3$$",
        "scrypt$63$8$3$c2FsdA==$c2FsdA==", "scrypt$15$8$3$c2FsdA==$c2FsdA==",
        "scrypt$-1$8$3$c2FsdA==$c2FsdA==", "scrypt$15$8$3$c2FsdA==$!", "scrypt$15$8$3$a$b$c"})
    EXPECT_FALSE(verify_password("", kept)) << kept;
}

} // namespace
} // namespace troupe::security
