#include "storage/text_index.hpp"

#include <sqlite3.h>

#include <cmath>
#include <numeric>

namespace mosaic::storage {
namespace {

constexpr double kTermSaturation = 1.2;        // k1
constexpr double kLengthNormalisation = 0.75;  // b
constexpr double kTitleWeight = 1.5;
constexpr int kTitleColumn = 0;
constexpr int kAllColumns = -1;
constexpr std::uint64_t kRowsPerDeadlineCheck = 1024;

constexpr const char* kStatsType = "mosaic_text_stats";
constexpr const char* kRankType = "mosaic_text_rank";

struct Counting {
  TextStats stats;
  Deadline deadline;
  std::uint64_t seen = 0;
};

/// Counts one document of a phrase; FTS5 runs this outside its virtual machine, so no progress
/// handler helps.
int count_row(const Fts5ExtensionApi*, Fts5Context*, void* data) {
  auto& [counting, count] = *static_cast<std::pair<Counting*, std::uint64_t*>*>(data);
  ++*count;
  const bool look = ++counting->seen % kRowsPerDeadlineCheck == 0;
  return look && counting->deadline.passed(std::chrono::steady_clock::now()) ? SQLITE_INTERRUPT
                                                                             : SQLITE_OK;
}

int count_phrases(const Fts5ExtensionApi* api, Fts5Context* fts, Counting& counting) {
  sqlite3_int64 rows = 0;
  sqlite3_int64 tokens = 0;
  int rc = api->xRowCount(fts, &rows);
  if (rc == SQLITE_OK) rc = api->xColumnTotalSize(fts, kAllColumns, &tokens);
  counting.stats.documents = static_cast<std::uint64_t>(rows);
  counting.stats.tokens = static_cast<std::uint64_t>(tokens);
  const int phrases = api->xPhraseCount(fts);
  counting.stats.documents_with.assign(static_cast<std::size_t>(phrases), 0);
  for (int phrase = 0; phrase < phrases && rc == SQLITE_OK; ++phrase) {
    std::pair<Counting*, std::uint64_t*> data{
        &counting, &counting.stats.documents_with[static_cast<std::size_t>(phrase)]};
    rc = api->xQueryPhrase(fts, phrase, &data, count_row);
  }
  return rc;
}

void stats_function(const Fts5ExtensionApi* api, Fts5Context* fts, sqlite3_context* result,
                    int arguments, sqlite3_value** values) {
  auto* counting = arguments == 1
                       ? static_cast<Counting*>(sqlite3_value_pointer(values[0], kStatsType))
                       : nullptr;
  if (counting == nullptr) return sqlite3_result_error(result, "not callable from SQL", -1);
  if (const int rc = count_phrases(api, fts, *counting); rc != SQLITE_OK)
    sqlite3_result_error_code(result, rc);
}

struct Ranking {
  explicit Ranking(DocumentLengths& known) : lengths(known) {}

  LengthCursor lengths;
  std::vector<double> idf;
  double mean_tokens = 1;
  std::vector<double> frequency;  ///< of each term in the document at hand
};

std::vector<double> idf_of(const TextStats& stats) {
  std::vector<double> idf;
  const auto documents = static_cast<double>(stats.documents);
  for (const auto count : stats.documents_with) {
    const auto with = static_cast<double>(count);
    idf.push_back(std::log(1 + (documents - with + 0.5) / (with + 0.5)));
  }
  return idf;
}

Ranking make_ranking(const TextStats& stats, DocumentLengths& lengths) {
  Ranking ranking(lengths);
  ranking.idf = idf_of(stats);
  const auto documents = static_cast<double>(stats.documents);
  ranking.mean_tokens = std::max(1.0, static_cast<double>(stats.tokens) / std::max(1.0, documents));
  ranking.frequency.resize(stats.documents_with.size());
  return ranking;
}

int collect_frequencies(const Fts5ExtensionApi* api, Fts5Context* fts, Ranking& ranking) {
  std::fill(ranking.frequency.begin(), ranking.frequency.end(), 0.0);
  int instances = 0;
  int rc = api->xInstCount(fts, &instances);
  for (int i = 0; i < instances && rc == SQLITE_OK; ++i) {
    int phrase = 0;
    int column = 0;
    int offset = 0;
    rc = api->xInst(fts, i, &phrase, &column, &offset);
    if (rc == SQLITE_OK)
      ranking.frequency.at(static_cast<std::size_t>(phrase)) +=
          column == kTitleColumn ? kTitleWeight : 1;
  }
  return rc;
}

int read_length(const Fts5ExtensionApi* api, Fts5Context* fts, Ranking& ranking, int& tokens) {
  auto& known = ranking.lengths.at(api->xRowid(fts));
  const auto remembered = known.load(std::memory_order_relaxed);
  if (remembered != DocumentLengths::kUnknown) {
    tokens = static_cast<int>(remembered - 1);
    return SQLITE_OK;
  }
  const int rc = api->xColumnSize(fts, kAllColumns, &tokens);
  if (rc == SQLITE_OK)
    known.store(static_cast<std::uint32_t>(tokens) + 1, std::memory_order_relaxed);
  return rc;
}

double bm25(const Ranking& ranking, int tokens) {
  const double length = tokens / ranking.mean_tokens;
  const double damping =
      kTermSaturation * (1 - kLengthNormalisation + kLengthNormalisation * length);
  double score = 0;
  for (std::size_t term = 0; term < ranking.idf.size(); ++term) {
    const double frequency = ranking.frequency[term];
    score += ranking.idf[term] * frequency * (kTermSaturation + 1) / (frequency + damping);
  }
  return score;
}

void rank_function(const Fts5ExtensionApi* api, Fts5Context* fts, sqlite3_context* result,
                   int arguments, sqlite3_value** values) {
  auto* ranking =
      arguments == 1 ? static_cast<Ranking*>(sqlite3_value_pointer(values[0], kRankType)) : nullptr;
  if (ranking == nullptr) return sqlite3_result_error(result, "not callable from SQL", -1);
  int tokens = 0;
  int rc = collect_frequencies(api, fts, *ranking);
  if (rc == SQLITE_OK) rc = read_length(api, fts, *ranking, tokens);
  if (rc != SQLITE_OK) return sqlite3_result_error_code(result, rc);
  sqlite3_result_double(result, bm25(*ranking, tokens));
}

/// Every term quoted, so that nothing in it is an operator of FTS5.
std::string match_expression(const std::vector<std::string>& terms) {
  std::string expression;
  for (const auto& term : terms) {
    if (!expression.empty()) expression += " OR ";
    expression += '"';
    for (const char c : term) expression.append(c == '"' ? 2 : 1, c);
    expression += '"';
  }
  return expression;
}

int collect_word(void* data, int, const char* token, int bytes, int, int) {
  static_cast<std::vector<std::string>*>(data)->emplace_back(token,
                                                             static_cast<std::size_t>(bytes));
  return SQLITE_OK;
}

}  // namespace

TextStats& TextStats::operator+=(const TextStats& other) {
  documents += other.documents;
  tokens += other.tokens;
  documents_with.resize(std::max(documents_with.size(), other.documents_with.size()));
  for (std::size_t i = 0; i < other.documents_with.size(); ++i)
    documents_with[i] += other.documents_with[i];
  return *this;
}

double full_score(const TextStats& stats) {
  const auto idf = idf_of(stats);
  return std::accumulate(idf.begin(), idf.end(), 0.0);
}

TextIndex::TextIndex(Database& database, std::shared_ptr<DocumentLengths> lengths)
    : database_(database), lengths_(std::move(lengths)), api_(nullptr) {
  auto select = database.prepare("SELECT fts5(?1)");
  select.bind_pointer(1, &api_, "fts5_api_ptr");
  select.step();
  if (api_ == nullptr) throw Failure(ErrorCode::kInternal, "this SQLite has no FTS5");
  api_->xCreateFunction(api_, "mosaic_text_stats", nullptr, stats_function, nullptr);
  api_->xCreateFunction(api_, "mosaic_bm25", nullptr, rank_function, nullptr);

  fts5_tokenizer unicode61{};
  void* context = nullptr;
  if (api_->xFindTokenizer(api_, "unicode61", &context, &unicode61) != SQLITE_OK ||
      unicode61.xCreate(context, nullptr, 0, &tokenizer_) != SQLITE_OK) {
    throw Failure(ErrorCode::kInternal, "FTS5 has no tokenizer unicode61");
  }
  free_tokenizer_ = unicode61.xDelete;
}

TextIndex::~TextIndex() {
  free_tokenizer_(tokenizer_);
}

std::vector<std::string> TextIndex::words(std::string_view text) {
  fts5_tokenizer unicode61{};
  void* context = nullptr;
  api_->xFindTokenizer(api_, "unicode61", &context, &unicode61);
  std::vector<std::string> words;
  unicode61.xTokenize(tokenizer_, &words, FTS5_TOKENIZE_QUERY, text.data(),
                      static_cast<int>(text.size()), collect_word);
  return words;
}

TextStats TextIndex::stats(const std::vector<std::string>& terms, Deadline deadline) {
  Counting counting;
  counting.deadline = deadline;
  // The first statement gives the totals even where no document holds a term.
  auto totals =
      database_.cached("SELECT mosaic_text_stats(documents_fts, ?1) FROM documents_fts LIMIT 1");
  totals->bind_pointer(1, &counting, kStatsType);
  totals->step();
  if (!terms.empty()) {
    const auto expression = match_expression(terms);
    auto phrases = database_.cached(
        "SELECT mosaic_text_stats(documents_fts, ?1) FROM documents_fts WHERE documents_fts MATCH "
        "?2 LIMIT 1");
    phrases->bind_pointer(1, &counting, kStatsType);
    phrases->bind_text(2, std::string_view(expression));
    phrases->step();
  }
  counting.stats.documents_with.resize(terms.size());
  return counting.stats;
}

void TextIndex::rank(const std::vector<std::string>& terms, const TextStats& stats,
                     const std::function<void(Row, double)>& visit) {
  rank_by(
      "SELECT rowid, mosaic_bm25(documents_fts, ?1) FROM documents_fts WHERE documents_fts MATCH "
      "?2",
      terms, stats, visit);
}

void TextIndex::rank_ended(const std::vector<std::string>& terms, const TextStats& stats,
                           const std::function<void(Row, double)>& visit) {
  rank_by("SELECT rowid, mosaic_bm25(history_fts, ?1) FROM history_fts WHERE history_fts MATCH ?2",
          terms, stats, visit);
}

void TextIndex::rank_by(const char* sql, const std::vector<std::string>& terms,
                        const TextStats& stats, const std::function<void(Row, double)>& visit) {
  if (terms.empty()) return;
  auto ranking = make_ranking(stats, *lengths_);
  const auto expression = match_expression(terms);
  auto select = database_.cached(sql);
  select->bind_pointer(1, &ranking, kRankType);
  select->bind_text(2, std::string_view(expression));
  while (select->step()) visit(select->column_int(0), select->column_double(1));
}

}  // namespace mosaic::storage
