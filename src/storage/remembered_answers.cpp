#include "storage/remembered_answers.hpp"

#include <bit>

namespace mosaic::storage {

RememberedAnswers::RememberedAnswers(Database& database) : database_(database) {
  recount();
}

void RememberedAnswers::recount() {
  count_ = static_cast<std::uint64_t>(database_.query_int("SELECT count(*) FROM answers"));
  bytes_ = static_cast<std::uint64_t>(
      database_.query_int("SELECT coalesce(sum(length(answer)), 0) FROM answers"));
}

void RememberedAnswers::remove(std::int64_t seq, std::int64_t bytes) {
  auto remove = database_.cached("DELETE FROM answers WHERE seq = ?1");
  remove->bind(1, seq).run();
  --count_;
  bytes_ -= static_cast<std::uint64_t>(bytes);
}

void RememberedAnswers::keep(Seq seq, std::int64_t time_ms, const RememberedAnswer& answer) {
  const auto high = std::bit_cast<std::int64_t>(answer.request.high);
  const auto low = std::bit_cast<std::int64_t>(answer.request.low);
  const auto bytes = encode_remembered(answer);
  while (true) {
    std::int64_t oldest = 0;
    std::int64_t size = 0;
    {
      auto select = database_.cached(
          "SELECT seq, length(answer), expires_ms < ?1 FROM answers ORDER BY seq LIMIT 1");
      select->bind(1, time_ms);
      if (!select->step()) break;
      oldest = select->column_int(0);
      size = select->column_int(1);
      const bool full = count_ >= kAnswersMax || bytes_ + bytes.size() > kAnswersBytesMax;
      if (!full && select->column_int(2) == 0) break;
    }
    remove(oldest, size);
  }
  {
    auto known =
        database_.cached("SELECT seq, length(answer) FROM answers WHERE high = ?1 AND low = ?2");
    known->bind(1, high).bind(2, low);
    std::optional<std::pair<std::int64_t, std::int64_t>> before;
    if (known->step()) before = {known->column_int(0), known->column_int(1)};
    if (before) remove(before->first, before->second);
  }
  auto insert = database_.cached("INSERT INTO answers VALUES(?1, ?2, ?3, ?4, ?5)");
  insert->bind(1, static_cast<std::int64_t>(seq)).bind(2, high).bind(3, low);
  insert->bind(4, time_ms + answer.request.window_ms()).bind_blob(5, bytes);
  insert->run();
  ++count_;
  bytes_ += bytes.size();
}

Result<std::optional<RememberedAnswer>> AnswerReader::find(const RequestId& request,
                                                           std::int64_t now_ms) {
  return to_result([&]() -> std::optional<RememberedAnswer> {
    const std::lock_guard lock(mutex_);
    auto select = database_.cached(
        "SELECT answer FROM answers WHERE high = ?1 AND low = ?2 AND expires_ms >= ?3");
    select->bind(1, std::bit_cast<std::int64_t>(request.high));
    select->bind(2, std::bit_cast<std::int64_t>(request.low)).bind(3, now_ms);
    if (!select->step()) return std::nullopt;
    return or_throw(decode_remembered(select->column_blob(0)));
  });
}

}  // namespace mosaic::storage
