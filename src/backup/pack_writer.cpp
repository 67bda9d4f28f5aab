#include "backup/pack_writer.hpp"

#include "backup/compression.hpp"

namespace mosaic::backup {

PagePlace PackWriter::add(std::string_view page) {
  if (pages_.empty()) number_ = packs_.reserve();
  const auto slot = static_cast<std::uint32_t>(pages_.size() / kPageBytes);
  pages_.append(page);
  pages_.resize((slot + std::size_t{1}) * kPageBytes);
  return {number_, slot};
}

PackRef PackWriter::send() {
  const auto frame = compress(pages_);
  PackRef pack{put_content(store_, ContentKind::kPack, tag_, frame),
               static_cast<std::uint32_t>(pages_.size() / kPageBytes), frame.size()};
  packs_.set(number_, pack);
  pages_.clear();
  return pack;
}

}  // namespace mosaic::backup
