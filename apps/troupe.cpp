// The fleet from the command line.
#include "apps/troupe/program.hpp"

#include <iostream>

int main(int argc, char** argv) {
  return troupe::apps::run_program(argc, argv, std::cout, std::cerr);
}
