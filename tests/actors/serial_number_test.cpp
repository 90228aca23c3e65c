#include "actors/box/serial_number.hpp"
#include "tests/store/store_fixture.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace troupe::box {
namespace {

constexpr const char* raspberry = "firmware/devicetree/base/serial-number";
constexpr const char* board = "class/dmi/id/board_serial";
constexpr const char* product = "class/dmi/id/product_serial";
constexpr const char* uuid = "class/dmi/id/product_uuid";

class serial_number_test : public ::testing::Test {
protected:
  void write(const char* file, std::string_view text) {
    const auto path = system / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  std::string id(const std::string& given = {}) {
    const auto found = read_box_id(state.path(), given, system.path());
    EXPECT_TRUE(found) << found.error().text;
    return found ? found->text : std::string();
  }
  store::temporary_folder system, state;
};

TEST_F(serial_number_test, the_maker_of_the_machine_knows_it) {
  EXPECT_EQ(machine_serial(system.path()), "");
  write(uuid, "4c4c4544-0042-3510-8052-b4c04f4e3132\n");
  EXPECT_EQ(machine_serial(system.path()), "4c4c4544-0042-3510-8052-b4c04f4e3132");
  write(product, "PF2 ABC/9\n");
  EXPECT_EQ(machine_serial(system.path()), "PF2ABC9") << "only letters, digits and dashes";
  write(board, "L1HF65E00X9\n");
  EXPECT_EQ(machine_serial(system.path()), "L1HF65E00X9");
  write(raspberry, std::string_view("10000000abcd1234\0", 17));
  EXPECT_EQ(machine_serial(system.path()), "10000000abcd1234");
}

TEST_F(serial_number_test, words_in_its_place_are_none) {
  for (const char* word :
       {"To be filled by O.E.M.", "To Be Filled By O.E.M", "Default string", "None",
        "Not Specified", "System Serial Number", "00000000", "0000-0000", "FFFFFFFF", "x",
        "123456789", " ", "", "03000200-0400-0500-0006-000700080009"}) {
    write(board, word);
    EXPECT_EQ(machine_serial(system.path()), "") << word;
  }
}

TEST_F(serial_number_test, it_stays_what_it_was_at_the_first_start) {
  const auto made = id();
  EXPECT_EQ(made.size(), 16u);
  EXPECT_EQ(id(), made);
  write(board, "L1HF65E00X9");
  EXPECT_EQ(id(), made) << "what may be read changes with who starts the box";
  write(raspberry, "10000000abcd1234");
  EXPECT_EQ(id(), "10000000abcd1234") << "a disk moved to another Raspberry Pi is another box";
}

TEST_F(serial_number_test, a_pc_keeps_the_number_of_its_board) {
  write(board, "L1HF65E00X9");
  EXPECT_EQ(id(), "L1HF65E00X9");
  std::filesystem::remove(system / board);
  EXPECT_EQ(id(), "L1HF65E00X9");
}

TEST_F(serial_number_test, one_that_is_given_is_taken_and_nothing_kept) {
  EXPECT_EQ(id("till-2"), "till-2");
  EXPECT_FALSE(std::filesystem::exists(state / "identifier"));
  for (const auto& bad :
       {std::string("a b"), std::string("ü"), std::string(65, 'x'), std::string("../x")}) {
    const auto refused = read_box_id(state.path(), bad, system.path());
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, "box.bad_serial");
  }
}

TEST_F(serial_number_test, a_state_folder_that_takes_nothing_is_said) {
  const auto refused = read_box_id(state / "none", {}, system.path());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "box.state_folder");
}

} // namespace
} // namespace troupe::box
