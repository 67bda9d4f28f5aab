// The other side of bench/durable_upserts.py: the documents that are written, as bodies for a node,
// and SQLite alone doing the same inserts: one table of documents, full text, vectors, each
// transaction synced (WAL, synchronous=FULL) before the next begins.
//
//   durable_peer bodies COUNT BATCH        bodies of upserts, one a line
//   durable_peer sqlite FILE BATCH THREADS SECONDS
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t kDimension = 384;
constexpr std::size_t kWords = 60;
constexpr std::size_t kVocabulary = 20'000;
constexpr std::size_t kTexts = 10'000;

struct Document {
  std::string id;
  std::string title;
  std::string text;
  std::vector<float> vector;
};

/// Words as rare as those of a language: the n-th comes 1/n times as often as the first.
class Documents {
 public:
  explicit Documents(std::uint64_t seed) : random_(seed) {}

  Document next(std::uint64_t number) {
    Document document{"document-" + std::to_string(number), words(4), words(kWords), {}};
    for (std::size_t i = 0; i < kDimension; ++i)
      document.vector.push_back(std::round(normal_(random_) * 1e4F) / 1e4F);
    return document;
  }

 private:
  std::string words(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      const double rank = std::pow(static_cast<double>(kVocabulary), uniform_(random_));
      text += "word" + std::to_string(static_cast<int>(rank)) + ' ';
    }
    return text;
  }

  std::mt19937_64 random_;
  std::uniform_real_distribution<double> uniform_{0, 1};
  std::normal_distribution<float> normal_{0, 1};
};

void print_bodies(std::size_t count, std::size_t batch) {
  Documents documents(1);
  std::uint64_t number = 0;
  for (std::size_t line = 0; line < count; ++line) {
    std::string body = "{\"documents\":[";
    for (std::size_t i = 0; i < batch; ++i) {
      const auto document = documents.next(number++);
      body += (i == 0 ? "" : ",") + ("{\"id\":\"" + document.id) + "\",\"title\":\"" +
              document.title + "\",\"text\":\"" + document.text + "\",\"vector\":[";
      char digits[32];
      for (std::size_t d = 0; d < kDimension; ++d) {
        std::snprintf(digits, sizeof digits, d == 0 ? "%.4g" : ",%.4g",
                      static_cast<double>(document.vector[d]));
        body += digits;
      }
      body += "]}";
    }
    std::puts((body + "]}").c_str());
  }
}

/// One connection behind a lock: more of them only wait for each other within SQLite.
class Sqlite {
 public:
  explicit Sqlite(const char* path) {
    check(sqlite3_open(path, &database_));
    run("PRAGMA journal_mode = WAL");
    run("PRAGMA synchronous = FULL");
    run("CREATE TABLE documents(row INTEGER PRIMARY KEY, id TEXT UNIQUE, title TEXT, text TEXT, "
        "vector BLOB)");
    run("CREATE VIRTUAL TABLE documents_fts USING fts5(title, text, content='documents', "
        "content_rowid='row', tokenize='porter unicode61')");
    insert_ = prepare("INSERT INTO documents(id, title, text, vector) VALUES(?1, ?2, ?3, ?4)");
    index_ = prepare("INSERT INTO documents_fts(rowid, title, text) VALUES(?1, ?2, ?3)");
  }
  ~Sqlite() {
    sqlite3_finalize(insert_);
    sqlite3_finalize(index_);
    sqlite3_close(database_);
  }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  void write(const std::vector<Document>& batch) {
    const std::lock_guard lock(mutex_);
    run("BEGIN IMMEDIATE");
    for (const auto& document : batch) {
      bind(insert_, 1, document.id);
      bind(insert_, 2, document.title);
      bind(insert_, 3, document.text);
      sqlite3_bind_blob(insert_, 4, document.vector.data(),
                        static_cast<int>(document.vector.size() * sizeof(float)), SQLITE_STATIC);
      step(insert_);
      sqlite3_bind_int64(index_, 1, sqlite3_last_insert_rowid(database_));
      bind(index_, 2, document.title);
      bind(index_, 3, document.text);
      step(index_);
    }
    run("COMMIT");
  }

 private:
  void check(int status) {
    if (status == SQLITE_OK) return;
    throw std::runtime_error(sqlite3_errmsg(database_));
  }
  void run(const char* sql) { check(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr)); }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr));
    return statement;
  }
  void bind(sqlite3_stmt* statement, int position, const std::string& text) {
    check(sqlite3_bind_text(statement, position, text.data(), static_cast<int>(text.size()),
                            SQLITE_STATIC));
  }
  void step(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) check(sqlite3_errcode(database_));
    check(sqlite3_reset(statement));
  }

  std::mutex mutex_;
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  sqlite3_stmt* index_ = nullptr;
};

/// What one thread writes again and again under new ids, made beforehand: only what SQLite does is
/// measured. Texts come again after kTexts of all threads.
std::vector<std::vector<Document>> batches_of(std::size_t thread, std::size_t batch,
                                              std::size_t threads) {
  Documents documents(thread + 1);
  std::vector<std::vector<Document>> batches(std::max<std::size_t>(1, kTexts / threads / batch));
  for (auto& made : batches)
    for (std::size_t i = 0; i < batch; ++i) made.push_back(documents.next(i));
  return batches;
}

/// Documents per second.
double measure(Sqlite& sqlite, std::size_t batch, std::size_t threads, double seconds) {
  using Clock = std::chrono::steady_clock;
  std::vector<std::vector<std::vector<Document>>> batches;
  for (std::size_t thread = 0; thread < threads; ++thread)
    batches.push_back(batches_of(thread, batch, threads));
  std::atomic<std::uint64_t> written{0};
  const auto begin = Clock::now();
  const auto until = begin + std::chrono::duration<double>(seconds);
  std::vector<std::thread> writers;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    writers.emplace_back([&, thread] {
      for (std::uint64_t round = 0; Clock::now() < until; ++round) {
        auto& made = batches[thread][round % batches[thread].size()];
        for (std::size_t i = 0; i < batch; ++i)
          made[i].id =
              std::to_string(thread) + '-' + std::to_string(round) + '-' + std::to_string(i);
        sqlite.write(made);
        written += batch;
      }
    });
  }
  for (auto& writer : writers) writer.join();
  return static_cast<double>(written) / std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int at) { return std::strtoull(argv[at], nullptr, 10); };
  try {
    if (argc == 4 && std::strcmp(argv[1], "bodies") == 0) {
      print_bodies(number(2), number(3));
      return 0;
    }
    if (argc == 6 && std::strcmp(argv[1], "sqlite") == 0) {
      Sqlite sqlite(argv[2]);
      std::printf("%.1f\n", measure(sqlite, number(3), number(4), std::strtod(argv[5], nullptr)));
      return 0;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  std::fputs("usage: durable_peer bodies COUNT BATCH | sqlite FILE BATCH THREADS SECONDS\n",
             stderr);
  return 2;
}
