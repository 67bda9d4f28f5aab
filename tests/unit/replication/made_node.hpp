// Nodes of a log that are made by hand, in the words of libraft 0.15.
#pragma once

#include "replication/introduction.hpp"
#include "replication/record.hpp"
#include "unit/replication/logs.hpp"

namespace mosaic::replication::test {

constexpr std::uint64_t kAppendEntries = 1;
constexpr std::uint64_t kAppendEntriesResult = 2;
constexpr std::uint64_t kCommand = 1;
constexpr std::size_t kWord = 8;

inline std::string words(std::initializer_list<std::uint64_t> values) {
  std::string bytes;
  for (const auto value : values) {
    for (std::size_t i = 0; i < kWord; ++i) bytes += static_cast<char>(value >> (8 * i));
  }
  return bytes;
}

inline std::uint64_t word(const std::string& bytes, std::size_t index) {
  std::uint64_t value = 0;
  for (std::size_t i = kWord; i > 0; --i)
    value = value << 8 | static_cast<unsigned char>(bytes.at(index * kWord + i - 1));
  return value;
}

/// A message without what follows its header.
struct Message {
  std::uint64_t type = 0;
  std::string header;
};

/// Speaks to a node as another of the same log, and hears what that one says to it.
class MadeNode {
 public:
  /// It is to be found at `socket`, which must outlive it.
  MadeNode(NodeId id, LoopbackSocket& socket, const std::string& node)
      : socket_(socket), calls_(node) {
    ::listen(socket_.file, 1);
    calls_.say(encode_introduction({id, socket_.address()}));
  }
  ~MadeNode() { ::close(heard_); }
  MadeNode(const MadeNode&) = delete;

  void say(const std::string& bytes) { calls_.say(bytes); }
  void send(std::uint64_t type, const std::string& header) {
    say(words({type, header.size()}) + header);
  }

  Message hear() {
    if (heard_ < 0) accept();
    const auto preamble = read(2 * kWord);
    return {word(preamble, 0), read(word(preamble, 1))};
  }
  /// What follows a header.
  void skip(std::size_t bytes) { read(bytes); }

 private:
  void accept() {
    heard_ = ::accept(socket_.file, nullptr, nullptr);
    const timeval limit{30, 0};
    ::setsockopt(heard_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    read(word(read(3 * kWord), 2));
  }

  std::string read(std::size_t size) const {
    std::string bytes(size, '\0');
    if (::recv(heard_, bytes.data(), size, MSG_WAITALL) != static_cast<ssize_t>(size))
      throw std::runtime_error("the node does not answer");
    return bytes;
  }

  LoopbackSocket& socket_;
  Caller calls_;
  int heard_ = -1;
};

}  // namespace mosaic::replication::test
