#include "sim/receipt_folder.hpp"

#include <fstream>

namespace troupe::sim {

result<receipt_folder> receipt_folder::open(std::filesystem::path directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error || !std::filesystem::is_directory(directory))
    return fault{"receipt_folder.open",
                 "Receipts cannot be kept in " + directory.string() + ": " +
                     (error ? error.message() : std::string("it is no directory")) + ".",
                 "Give a directory that you may write to.", 500};
  return receipt_folder(std::move(directory));
}

result<bool> receipt_folder::save(const kept_receipt& kept) const {
  auto png = encode_png(kept.paper.width, kept.paper.height, kept.paper.bits.view());
  if (!png) return png.error();
  auto path = directory_ / (kept.id + ".png");
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(png->data()), static_cast<std::streamsize>(png->size()));
  file.close();
  if (!file)
    return fault{"receipt_folder.write",
                 "The receipt could not be written to " + path.string() + ".",
                 "See whether the disk is full.", 500};
  return true;
}

} // namespace troupe::sim
