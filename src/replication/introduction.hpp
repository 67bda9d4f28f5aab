// What a node says first on a connection to another's log, in the words of libraft 0.15: three
// numbers of 8 bytes, little endian (version, id, bytes of the address), then its address with
// zeros behind it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mosaic/result.hpp"

namespace mosaic::replication {

/// Zeros included.
constexpr std::size_t kIntroducedAddressBytesMax = 512;

struct Introduction {
  std::uint64_t id = 0;
  std::string address;
};

std::string encode_introduction(const Introduction& who);

/// Takes one from the front of `bytes`; nothing while it is not there as a whole, for which no more
/// than 24 + 512 bytes are awaited. Error corrupt_data: these bytes begin none.
Result<std::optional<Introduction>> take_introduction(std::string& bytes);

/// What the other side answers when it has let the node in.
std::string encode_welcome();
/// Takes one from the front of `bytes`; false while it is not whole. Error corrupt_data.
Result<bool> take_welcome(std::string& bytes);

}  // namespace mosaic::replication
