// Legal expressions give the rows that plain SQL gives, by the index where there is one.
#include "storage/sandbox.hpp"

#include <sqlite3.h>

#include <fstream>

#include "sandbox_case.hpp"

namespace mosaic::storage {
namespace {

class SandboxTest : public SandboxCase {
 protected:
  /// The same question to a connection without a sandbox.
  static std::vector<Row> plain_rows_of(const std::string& expression) {
    Database plain(file(), OpenMode::kReadOnly);
    auto select =
        plain.prepare(fmt::format("SELECT row FROM documents WHERE ({}) ORDER BY row", expression));
    std::vector<Row> rows;
    while (select.step()) rows.push_back(select.column_int(0));
    return rows;
  }

  static int note(unsigned, void* sql, void* statement, void*) {
    *static_cast<std::string*>(sql) = sqlite3_sql(static_cast<sqlite3_stmt*>(statement));
    return 0;
  }

  /// SQLite's plan for the statement that `rows_where` runs.
  std::string plan_of(std::string_view expression) {
    std::string sql;
    sqlite3_trace_v2(database_.handle(), SQLITE_TRACE_STMT, note, &sql);
    sandbox_.rows_where(expression, {});
    sqlite3_trace_v2(database_.handle(), 0, nullptr, nullptr);
    auto explain = database_.prepare("EXPLAIN QUERY PLAN " + sql);
    std::string plan;
    while (explain.step()) plan += std::string(explain.column_text(3)) + "\n";
    return plan;
  }
};

TEST_F(SandboxTest, GivesTheRowsOfPlainSql) {
  for (const std::string expression : {
           "1",
           "0",
           "NULL",
           "metadata->>'section' = 's3'",
           "metadata->>'section' IN ('s1', 's2') AND metadata->>'size' > 500",
           "documents.metadata->>'$.size' BETWEEN 100 AND 2000",
           "id = 'd77'",
           "id LIKE 'D7%' OR title GLOB '*w1[0-9]*'",
           "text LIKE '%w1% w2%' AND text NOT LIKE '%w3_ %'",
           "text LIKE 'w1!_%' ESCAPE '!'",
           "instr(text, 'w1999') > 0",
           "replace(text, 'w', '') LIKE '%19%'",
           "trim(title, 'w0123456789') <> ''",
           "ltrim(title, 'w1') < rtrim(title, ' 0')",
           "pagerank IS NULL",
           "pagerank > 0.01 OR seq < 10",
           "coalesce(pagerank, 0) * 100 >= 1 AND length(title) > 10",
           "EXISTS (SELECT 1 FROM json_each(documents.metadata->'$.tags') WHERE value = 't2')",
           "EXISTS (SELECT 1 FROM json_each(metadata, '$.tags') WHERE json_each.value = 't4')",
           "'t1' IN (SELECT value FROM json_each(metadata->'tags'))",
           "(SELECT count(*) FROM json_tree(metadata) WHERE type = 'text') > 2",
           "json_array_length(metadata, '$.tags') = 2 AND json_type(metadata, '$.size') = "
           "'integer'",
           "CASE seq % 3 WHEN 0 THEN title > text WHEN 1 THEN 1 ELSE 0 END",
           "title || ';--' IS NOT NULL",
           "title <> '--' AND title <> '/*' AND title <> ';' AND title <> 'it''s ('",
           "(WITH t(v) AS (SELECT value FROM json_each(metadata->'tags')) SELECT max(v) FROM t) > "
           "'t3'",
           "strftime('%Y', '2020-01-01') = '2020' AND round(sqrt(seq)) = 30",
           "hex(substr(title, 1, 1)) = '77' COLLATE NOCASE",
           "(id, seq) = ('d12', 12)",
           "id IN ('d1', 'd2', 'd10', 'd20')",
       }) {
    EXPECT_EQ(rows_of(expression), plain_rows_of(expression)) << expression;
  }
}

TEST_F(SandboxTest, NeverGivesEndedVersions) {
  EXPECT_EQ(rows_of("1").size(), kDocuments * 9 / 10);
  EXPECT_TRUE(rows_of("id = 'd10'").empty());
}

TEST_F(SandboxTest, ReadsTheSnapshotOfTheConnection) {
  Database writer(file(), OpenMode::kReadWrite);
  database_.execute("BEGIN");
  EXPECT_EQ(rows_of("id = 'new'").size(), 0U);
  writer.execute("INSERT INTO versions(id, seq, title) VALUES('new', 5000, 't')");
  EXPECT_EQ(rows_of("id = 'new'").size(), 0U);
  database_.execute("COMMIT");
  EXPECT_EQ(rows_of("id = 'new'").size(), 1U);
  writer.execute("DELETE FROM versions WHERE id = 'new'");
}

TEST_F(SandboxTest, FindsByTheIndexOnAPath) {
  for (const auto* const expression :
       {"metadata->>'section' = 's3'", "documents.metadata->>'section' = 's3' AND pagerank > 0",
        "metadata->>'section' IN ('s1', 's3') AND text LIKE '%w1%'"}) {
    const auto plan = plan_of(expression);
    EXPECT_NE(plan.find("SEARCH v USING INDEX where:section"), std::string::npos)
        << expression << "\n"
        << plan;
    EXPECT_EQ(plan.find("MATERIALIZE"), std::string::npos) << plan;
  }
  const auto nested = plan_of("metadata->>'$.a.b' > 5");
  EXPECT_NE(nested.find("SEARCH v USING INDEX where:a.b"), std::string::npos) << nested;
}

TEST_F(SandboxTest, FindsByTheIndexOnIds) {
  const auto plan = plan_of("id = 'd7'");
  EXPECT_NE(plan.find("INDEX versions_by_id (id=?)"), std::string::npos) << plan;
}

TEST_F(SandboxTest, LooksUpPageRankOnlyWhenItIsAskedFor) {
  EXPECT_EQ(plan_of("seq > 3").find("SEARCH p"), std::string::npos);
  EXPECT_NE(plan_of("pagerank > 3").find("SEARCH p"), std::string::npos);
}

TEST_F(SandboxTest, TellsSqlitesWords) {
  EXPECT_EQ(error_of("foo = 1"), invalid("where: no such column: foo"));
  EXPECT_EQ(error_of("title = \"net\""), invalid("where: no such column: net"));
  EXPECT_EQ(error_of("1 AND"), invalid("where: incomplete input"));
  EXPECT_EQ(error_of("nothing_such(1)"), invalid("where: no such function: nothing_such"));
  EXPECT_EQ(error_of("title->>'a' = 1"), invalid("where: malformed JSON"));
}

TEST_F(SandboxTest, LeavesTheConnectionAsItWas) {
  const int length = sqlite3_limit(database_.handle(), SQLITE_LIMIT_LENGTH, -1);
  const int depth = sqlite3_limit(database_.handle(), SQLITE_LIMIT_EXPR_DEPTH, -1);
  rows_of("seq = 3");
  error_of("foo");
  EXPECT_EQ(sqlite3_limit(database_.handle(), SQLITE_LIMIT_LENGTH, -1), length);
  EXPECT_EQ(sqlite3_limit(database_.handle(), SQLITE_LIMIT_EXPR_DEPTH, -1), depth);
  EXPECT_EQ(database_.query_int("SELECT count(*) FROM versions"), kDocuments);
  EXPECT_EQ(database_.query_int("SELECT length(hex(zeroblob(5000000)))"), 10'000'000);
  EXPECT_EQ(database_.query_int("PRAGMA query_only"), 1);
}

TEST_F(SandboxTest, LivesBesideAnotherSandboxOnTheSameFile) {
  Database other(file(), OpenMode::kReadOnly);
  Sandbox second(other);
  EXPECT_EQ(second.rows_where("id = 'd7'", {}).count(), 1U);
  EXPECT_EQ(rows_of("id = 'd7'").size(), 1U);
}

TEST_F(SandboxTest, WorksOnAfterTheSchemaHasChanged) {
  Database writer(file(), OpenMode::kReadWrite);
  const auto tags = "'t1' IN (SELECT value FROM json_each(metadata->'tags'))";
  const auto before = rows_of(tags);
  writer.execute("CREATE INDEX \"where:size\" ON versions(metadata->>'size')");
  EXPECT_EQ(rows_of(tags), before);
  const auto plan = plan_of("metadata->>'size' = 70");
  EXPECT_NE(plan.find("INDEX where:size"), std::string::npos) << plan;
  writer.execute("DROP INDEX \"where:size\"");
  EXPECT_EQ(rows_of(tags), before);
}

TEST_F(SandboxTest, ReportsDamageAsDamage) {
  test::TemporaryFolder folder;
  std::mt19937 random(3);
  make_sample_file(folder / "x.sqlite", 2'000, random);
  const auto middle =
      static_cast<std::streamoff>(std::filesystem::file_size(folder / "x.sqlite") / 8);
  Database database(folder / "x.sqlite", OpenMode::kReadOnly);
  Sandbox sandbox(database);
  {
    std::fstream file(folder / "x.sqlite", std::ios::in | std::ios::out | std::ios::binary);
    for (int page = 0; page < 20; ++page) file.seekp(middle + page * 4096).put('!');
  }
  try {
    sandbox.rows_where("text LIKE '%w1%'", {});
    FAIL() << "damage was served";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().code, ErrorCode::kCorruptData) << failure.what();
  }
}

}  // namespace
}  // namespace mosaic::storage
