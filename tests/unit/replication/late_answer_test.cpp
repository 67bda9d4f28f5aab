// What a node tells the leader of its term, in the words of libraft 0.15: leaders made by hand.
#include "replication/introduction.hpp"
#include "replication/record.hpp"
#include "unit/replication/logs.hpp"

namespace mosaic::replication {
namespace {

constexpr std::uint64_t kAppendEntries = 1;
constexpr std::uint64_t kAppendEntriesResult = 2;
constexpr std::uint64_t kCommand = 1;
constexpr std::size_t kWord = 8;

std::string words(std::initializer_list<std::uint64_t> values) {
  std::string bytes;
  for (const auto value : values) {
    for (std::size_t i = 0; i < kWord; ++i) bytes += static_cast<char>(value >> (8 * i));
  }
  return bytes;
}

std::uint64_t word(const std::string& bytes, std::size_t index) {
  std::uint64_t value = 0;
  for (std::size_t i = kWord; i > 0; --i)
    value = value << 8 | static_cast<unsigned char>(bytes.at(index * kWord + i - 1));
  return value;
}

struct Answer {
  std::uint64_t term = 0;
  std::uint64_t rejected = 0;
  std::uint64_t last = 0;
  friend bool operator==(const Answer&, const Answer&) = default;
};

/// Says what a leader would, and hears what it is answered.
class MadeLeader {
 public:
  MadeLeader(NodeId id, const std::string& node) : calls_(node) {
    ::listen(socket_.file, 1);
    calls_.say(encode_introduction({id, socket_.address()}));
  }
  ~MadeLeader() { ::close(heard_); }
  MadeLeader(const MadeLeader&) = delete;

  /// The first entry of a log.
  void send_entry(std::uint64_t term, std::string_view body) {
    Record record;
    record.collection = {1};
    record.body = body;
    std::string bytes(record_bytes(body.size()), '\0');
    write_record(record, bytes.data());
    send(words({term, 0, 0, 0, 1, term, kCommand | std::uint64_t{bytes.size()} << 32, 0}));
    calls_.say(bytes);
  }

  /// No entry; the node's log is to be the leader's up to nothing.
  void send_heartbeat(std::uint64_t term) { send(words({term, 0, 0, 0, 0, 0})); }

  Answer answer() {
    if (heard_ < 0) accept();
    const auto preamble = read(2 * kWord);
    EXPECT_EQ(word(preamble, 0), kAppendEntriesResult);
    const auto header = read(word(preamble, 1));
    return {word(header, 0), word(header, 1), word(header, 2)};
  }

 private:
  void send(const std::string& header) {
    calls_.say(words({kAppendEntries, header.size()}) + header);
  }

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

  test::LoopbackSocket socket_;
  test::Caller calls_;
  int heard_ = -1;
};

struct LateAnswers : test::Logs {};

/// Raft (Ongaro 2014, 3.5): a leader commits what most nodes have of its own log.
TEST_F(LateAnswers, EntriesOfALeaderOfBeforeDoNotCountForTheNextOne) {
  join(1);
  MadeLeader first(2, nodes.at(1).address);
  first.send_entry(1, "of the first");
  EXPECT_EQ(first.answer(), (Answer{1, 0, 1}));
  MadeLeader second(3, nodes.at(1).address);
  second.send_heartbeat(2);
  EXPECT_EQ(second.answer(), (Answer{2, 0, 0})) << "it has sent nothing yet";
  second.send_entry(2, "of the second");
  EXPECT_EQ(second.answer(), (Answer{2, 0, 1}));
  second.send_heartbeat(2);
  EXPECT_EQ(second.answer(), (Answer{2, 0, 1})) << "in its term, that stays";
}

}  // namespace
}  // namespace mosaic::replication
