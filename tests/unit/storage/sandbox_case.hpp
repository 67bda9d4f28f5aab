// A read connection on a sample shard with a sandbox, for the tests of legal and of hostile SQL.
#pragma once

#include <gtest/gtest.h>

#include "sample_shard.hpp"
#include "storage/sandbox.hpp"
#include "support/temporary_folder.hpp"

namespace mosaic::storage {

class SandboxCase : public ::testing::Test {
 protected:
  static constexpr int kDocuments = 2'000;

  static void SetUpTestSuite() {
    folder_ = new test::TemporaryFolder;
    std::mt19937 random(7);
    Database database(file(), OpenMode::kCreate);
    fill_sample_shard(database, kDocuments, random);
    database.execute(
        "CREATE INDEX \"where:section\" ON versions(metadata->>'section');"
        "CREATE INDEX \"where:a.b\" ON versions(metadata->>'$.a.b')");
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static std::filesystem::path file() { return *folder_ / "shard.sqlite"; }

  static Deadline soon(int ms) {
    return Deadline::in(std::chrono::steady_clock::now(), std::chrono::milliseconds(ms));
  }

  Error error_of(std::string_view expression, int deadline_ms = 5'000) {
    try {
      sandbox_.rows_where(expression, soon(deadline_ms));
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error().detail.find("live_"), std::string::npos) << failure.what();
      return failure.error();
    }
    return {ErrorCode::kInternal, "no failure"};
  }

  std::vector<Row> rows_of(std::string_view expression) {
    std::vector<Row> rows;
    try {
      sandbox_.rows_where(expression, soon(5'000)).for_each([&](Row row) { rows.push_back(row); });
    } catch (const Failure& failure) {
      ADD_FAILURE() << expression << ": " << failure.what();
    }
    return rows;
  }

  inline static test::TemporaryFolder* folder_ = nullptr;
  Database database_{file(), OpenMode::kReadOnly};
  Sandbox sandbox_{database_};
};

}  // namespace mosaic::storage
