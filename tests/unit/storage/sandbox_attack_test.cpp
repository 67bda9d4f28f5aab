// What strangers try: reading more than the live documents, writing, and burning time or memory.
#include <sqlite3.h>

#include <chrono>

#include "sandbox_case.hpp"

namespace mosaic::storage {
namespace {

constexpr int kDeadlineMs = 200;
constexpr auto kSlowestEnd =
    std::chrono::seconds(2);  // Many times more than seen; CI machines stall.

// Values of some megabytes to work on. `big` is one row of text, each mention of b uses it again.
constexpr std::string_view kBig = "(SELECT hex(zeroblob(2000000)) AS b)";

std::string repeat(std::string_view piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += piece;
  return text;
}

class SandboxAttackTest : public SandboxCase {
 protected:
  void expect_refused(const std::string& expression) {
    const auto error = error_of(expression);
    EXPECT_EQ(error.code, ErrorCode::kInvalidArgument) << expression << ": " << error.detail;
    EXPECT_EQ(error.detail.rfind("where: ", 0), 0U) << error.detail;
    EXPECT_EQ(rows_of("id = 'd7'").size(), 1U) << "the sandbox works on";
  }

  /// Ends soon, whatever the answer.
  Error end_of(const std::string& expression, int deadline_ms = kDeadlineMs) {
    const auto start = std::chrono::steady_clock::now();
    auto error = error_of(expression, deadline_ms);
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_LT(took, kSlowestEnd) << expression.substr(0, 200);
    RecordProperty("ms", static_cast<int>(took / std::chrono::milliseconds(1)));
    if (std::getenv("SANDBOX_TIMES") != nullptr) {
      fmt::print("{:>6} ms  {:<20} {:<60} {}\n", took / std::chrono::milliseconds(1),
                 to_string(error.code), error.detail.substr(0, 60), expression.substr(0, 80));
    }
    return error;
  }

  void expect_stopped(const std::string& expression) {
    const auto error = end_of(expression);
    EXPECT_EQ(error.code, ErrorCode::kDeadlineExceeded) << expression << ": " << error.detail;
    EXPECT_EQ(rows_of("id = 'd7'").size(), 1U) << "the sandbox works on";
  }
};

TEST_F(SandboxAttackTest, NothingButAnExpressionIsTaken) {
  for (const std::string expression : {"insert into versions(id) values('x')",
                                       "attach 'x.db' as x",
                                       "vacuum into 'leak.db'",
                                       "pragma writable_schema=1",
                                       "1; drop table versions",
                                       "1; delete from versions",
                                       ";",
                                       "select 1",
                                       "SELECT 1",
                                       "values(1)",
                                       "with c as (select 1) select * from c",
                                       "1, 2",
                                       "1 as x",
                                       "1 order by id",
                                       "1 limit 1",
                                       "1 group by id",
                                       "1 union select 1",
                                       "1 returning 1",
                                       "",
                                       "  ",
                                       "()",
                                       "(1",
                                       "1)",
                                       "explain 1"}) {
    expect_refused(expression);
  }
}

TEST_F(SandboxAttackTest, NoWayOutOfTheBrackets) {
  for (const std::string expression :
       {"1) OR (1", "1) --", "1) /*", "1 --", "1 /* x */", "1 OR 1)--", "'", "''' OR 1", "1 OR '",
        "\"", "`x", "[x", "x'0", "1) UNION SELECT row FROM versions WHERE (1",
        "1) UNION SELECT row FROM main.versions --", "'a') OR ('b'='b", "1 OR (1))((1"}) {
    expect_refused(expression);
  }
}

TEST_F(SandboxAttackTest, ParametersAreRefused) {
  for (const std::string expression : {"?", "?1 = 1", ":a", "@a", "$a", "seq = #1"}) {
    expect_refused(expression);
  }
  EXPECT_EQ(rows_of("id <> ':a' AND id <> '?' AND id <> '$a@#'").size(), rows_of("1").size());
}

TEST_F(SandboxAttackTest, FunctionsThatReachOutsideAreRefused) {
  for (const std::string expression : {"load_extension('x')",
                                       "\"load_extension\"('x')",
                                       "readfile('/etc/passwd')",
                                       "writefile('x', 'y')",
                                       "edit('x')",
                                       "random()",
                                       "randomblob(9)",
                                       "fts5(1)",
                                       "fts3_tokenizer('x')",
                                       "sqlite_version()",
                                       "sqlite_source_id()",
                                       "sqlite_compileoption_get(1)",
                                       "sqlite_offset(id)",
                                       "last_insert_rowid()",
                                       "changes()",
                                       "total_changes()",
                                       "sqlite_log(1, 'x')",
                                       "printf('%900000000d', 1)",
                                       "printf('%.900000000c', 'x')",
                                       "format('%d', 1)",
                                       "id MATCH 'x'",
                                       "id REGEXP 'x'",
                                       "title MATCH 'w1'",
                                       "highlight(documents_fts, 0, 'a', 'b')",
                                       "bm25(documents_fts)",
                                       "rtreecheck('x')",
                                       "row_number() OVER () = 1",
                                       "RAISE(ABORT, 'x')"}) {
    expect_refused(expression);
  }
}

TEST_F(SandboxAttackTest, NoTableIsReadButTheLiveDocuments) {
  for (const std::string table : {"versions",
                                  "main.versions",
                                  "ended",
                                  "vectors",
                                  "pagerank",
                                  "meta",
                                  "edges",
                                  "ended_edges",
                                  "documents",
                                  "main.documents",
                                  "documents_fts",
                                  "documents_fts_data",
                                  "documents_fts_content",
                                  "documents_fts_docsize",
                                  "sqlite_master",
                                  "sqlite_schema",
                                  "sqlite_temp_master",
                                  "sqlite_temp_schema",
                                  "sqlite_sequence",
                                  "dbstat",
                                  "sqlite_stmt",
                                  "pragma_table_list",
                                  "pragma_table_info('versions')",
                                  "pragma_database_list",
                                  "temp.sqlite_master",
                                  "sqlite_stat1",
                                  "generate_series(1,2)",
                                  "fts5vocab"}) {
    expect_refused(fmt::format("(SELECT count(*) FROM {}) > 0", table));
    expect_refused(fmt::format("EXISTS (SELECT * FROM {})", table));
    expect_refused(fmt::format("EXISTS (SELECT 1 FROM {} LIMIT 1)", table));
    expect_refused(fmt::format("(SELECT max(rowid) FROM {}) > 0", table));
  }
  expect_refused("id IN versions");
  expect_refused("seq IN ended");
  expect_refused("id IN (SELECT id FROM versions)");
  expect_refused("EXISTS (SELECT 1 FROM json_each('[1]') JOIN versions)");
  expect_refused("EXISTS (SELECT 1 FROM (SELECT 1 FROM versions))");
  expect_refused("(SELECT text FROM versions WHERE row = 10) LIKE '%w%'");
}

TEST_F(SandboxAttackTest, RowNumbersAreOutOfReach) {
  for (const std::string expression :
       {"row = 1", "documents.row > 0", "rowid = 1", "documents.rowid = 1", "_rowid_ = 1",
        "oid = 1", "v.row = 1", "versions.id = 'x'", "main.versions.id = 'x'", "e.row = 1"}) {
    expect_refused(expression);
  }
}

TEST_F(SandboxAttackTest, NamesOfViewsAndQueriesCannotBeSpoofed) {
  for (const std::string expression :
       {"(WITH documents AS (SELECT * FROM versions) SELECT count(*) FROM documents) > 0",
        "(WITH documents AS (SELECT id FROM versions) SELECT max(id) FROM documents) > ''",
        "(WITH live AS (SELECT text FROM main.versions) SELECT max(text) FROM live) > ''",
        "(WITH live_ AS (SELECT text FROM main.versions) SELECT max(text) FROM live_) > ''",
        "(SELECT max(id) FROM (SELECT id FROM main.versions) AS documents) > ''",
        "(WITH json_each AS (SELECT id FROM versions) SELECT max(id) FROM json_each) > ''",
        "(WITH versions AS (SELECT id FROM main.versions) SELECT max(id) FROM versions) > ''",
        "(SELECT max(id) FROM versions AS json_each) > ''",
        "(SELECT count(*) FROM versions AS json_tree) > 0"}) {
    expect_refused(expression);
  }
}

TEST_F(SandboxAttackTest, ShadowingABaseTableChangesNothingForTheView) {
  EXPECT_EQ(rows_of("(WITH versions(id) AS (SELECT 'd10') SELECT max(id) FROM versions) = 'd10'"),
            rows_of("1"));
  EXPECT_EQ(rows_of("(WITH ended(row) AS (SELECT 1) SELECT max(row) FROM ended) = 1"),
            rows_of("1"));
}

TEST_F(SandboxAttackTest, DeepNestingIsRefusedAtOnce) {
  expect_refused(repeat("(", 10'000) + "1" + repeat(")", 10'000));
  expect_refused(repeat("NOT ", 10'000) + "1");
  expect_refused(repeat("-", 1) + repeat(" -", 10'000) + "1");
  expect_refused(repeat("1 OR ", 10'000) + "1");
  expect_refused(repeat("CASE WHEN ", 2'000) + "1" + repeat(" THEN 1 END", 2'000));
  expect_refused(repeat("abs(", 60) + repeat("(", 60) + "1" + repeat(")", 120));
  expect_refused("1 " + repeat("UNION SELECT 1 ", 100));
  expect_refused("EXISTS (SELECT 1 " + repeat("UNION SELECT 1 ", 100) + ")");
  expect_refused("json_array(" + repeat("1,", 5'000) + "1)");
}

TEST_F(SandboxAttackTest, ValuesPastTheLimitAreRefused) {
  for (const std::string expression :
       {"length(hex(zeroblob(1000000000))) > 0", "length(hex(zeroblob(450000000))) > 0",
        "length(zeroblob(1000000000)) > 0",

        "length(replace(hex(zeroblob(2000000)), '0', 'aaaaaaaaaaaaaaaaaaaa')) > 0",
        "length(hex(zeroblob(2000000)) || hex(zeroblob(2000000))) > 0",
        "(SELECT length(group_concat(hex(zeroblob(20000)))) FROM json_each('['||"
        "substr(hex(zeroblob(1000)), 1, 0)||'1,2,3'||replace(hex(zeroblob(500)),'0',',0')||']')) > "
        "0"}) {
    const auto error = end_of(expression);
    EXPECT_TRUE(error.code == ErrorCode::kInvalidArgument ||
                error.code == ErrorCode::kDeadlineExceeded)
        << expression << ": " << error.detail;
  }
}

TEST_F(SandboxAttackTest, EndlessQueriesAreStopped) {
  const std::string count = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) ";
  expect_stopped("(" + count + "SELECT count(x) FROM c) > 0");
  expect_stopped("(" + count + "SELECT max(x) FROM c WHERE x < 0) IS NULL");
  expect_stopped("(" + count + "SELECT max(a.x + b.x) FROM c a, c b) > 0");
  expect_stopped("(WITH c(x) AS (SELECT value FROM json_each('[" + repeat("1,", 300) +
                 "1]')) SELECT count(a.x+b.x+d.x+e.x) FROM c a, c b, c d, c e) > 0");
  expect_stopped("(" + count + "SELECT total(x + length(hex(zeroblob(500000)))) FROM c) > 0");
}

TEST_F(SandboxAttackTest, LongCallsAreStopped) {
  for (const auto& expression : {"hex(zeroblob(900000)) LIKE '%" + repeat("0_", 60) + "1%'",
                                 "hex(zeroblob(900000)) GLOB '*" + repeat("[0-9]", 30) + "1*'"}) {
    const auto error = end_of(expression, 20);
    EXPECT_EQ(error.code, ErrorCode::kDeadlineExceeded) << error.detail;
  }
}

TEST_F(SandboxAttackTest, LinearCallsEndInTime) {
  for (const std::string& expression : std::vector<std::string>{
           "hex(zeroblob(2000000)) LIKE '" + repeat("%0", 800) + "1'",
           "hex(zeroblob(2000000)) GLOB '" + repeat("*0", 800) + "1'",
           "instr(hex(zeroblob(2000000)), hex(zeroblob(900000)) || '1') > 0",
           "instr(zeroblob(4000000), zeroblob(2000000) || x'01') > 0",
           "instr(hex(zeroblob(2000000)), hex(zeroblob(100)) || '1') > 0",
           "length(replace(hex(zeroblob(2000000)), hex(zeroblob(900000)) || '1', '')) > 0",
           "length(replace(hex(zeroblob(2000000)), '0', '')) > 0",
           "length(trim(hex(zeroblob(2000000)), hex(zeroblob(2000000)))) > 0",
           "length(trim(hex(zeroblob(2000000)), replace(hex(zeroblob(1900000)), '00', 'a') || "
           "'0')) > "
           "0",
           "(SELECT count(value) FROM json_each('[' || replace(hex(zeroblob(999999)), '0', '1,') "
           "|| "
           "'1]')) > 0",
           "json_extract('[' || replace(hex(zeroblob(999999)), '0', '1,') || '1]', '$[1999990]') = "
           "1",
           "json_valid(replace(hex(zeroblob(2000000)), '0', '[')) = 0"}) {
    end_of(expression);
  }
}

/// `piece` as often as fits into an expression that builds values, without a loop between two of
/// them.
std::string many(std::string_view piece, std::size_t bytes) {
  std::string all = "(0";
  for (int i = 1; all.size() + piece.size() < bytes; ++i) {
    all += i % 50 == 0 ? ")|(0|" : "|";
    all += piece;
  }
  return all + ")";
}

TEST_F(SandboxAttackTest, OneLargeValueUsedManyTimesEndsInTime) {
  // SQLite looks at no deadline outside of loops: the lengths of value and expression bound it.
  for (const std::size_t bytes : {std::size_t{120}, std::size_t{250}, kBuildingWhereBytesMax}) {
    const auto digits = (std::size_t{440} << 20) / bytes / 2;
    const auto text = fmt::format("hex(zeroblob({}))", std::min(digits, std::size_t{2'000'000}));
    for (const std::string from :
         {"(SELECT {} FROM (SELECT {} AS b))", "(SELECT {} FROM (SELECT max({}) AS b))",
          "(SELECT {} FROM (SELECT {} AS b) GROUP BY b)",
          "(WITH t(b) AS MATERIALIZED (SELECT {1}) SELECT {0} FROM t)",
          "(SELECT max({1}) AS b FROM json_each('[1]') HAVING {0})"}) {
      for (const std::string piece : {"b+1", "b<b", "length(b)", "upper(b)", "b||1", "-b",
                                      "(b IN(b))", "CAST(b AS INT)", "b LIKE'%x'"}) {
        if (from.size() + text.size() + 10 > bytes) continue;
        const auto all = many(piece, bytes - from.size() - text.size());
        end_of(fmt::format(fmt::runtime(from), all, text), 20);
      }
    }
  }
}

TEST_F(SandboxAttackTest, OneLargeJsonUsedManyTimesEndsInTime) {
  const std::string list = "'['||replace(hex(zeroblob(25000)),'0','1,')||'1]'";
  for (const std::string from :
       {"(SELECT {} FROM (SELECT {} AS b) GROUP BY b)", "(SELECT {} FROM (SELECT max({}) AS b))"}) {
    for (const std::string piece : {"(b->49979)", "(b->>'$[49979]')", "json_array_length(b)"}) {
      end_of(fmt::format(fmt::runtime(from), many(piece, 3'800), list), 20);
    }
  }
}

TEST_F(SandboxAttackTest, LongExpressionsOverStoredTextEndInTime) {
  test::TemporaryFolder folder;
  {
    Database database(folder / "x.sqlite", OpenMode::kCreate);
    database.execute(kShardSchema);
    database.execute(
        "INSERT INTO versions(id, seq, title, text) SELECT 'd' || value, value, "
        "hex(zeroblob(524288)), hex(zeroblob(524288)) FROM json_each('[1,2,3,4,5]')");
  }
  Database database(folder / "x.sqlite", OpenMode::kReadOnly);
  Sandbox sandbox(database);
  const auto end = [&](const std::string& expression) {
    const auto start = std::chrono::steady_clock::now();
    const auto ended = to_result([&] { return sandbox.rows_where(expression, soon(20)); });
    EXPECT_LT(std::chrono::steady_clock::now() - start, kSlowestEnd) << expression.substr(0, 80);
    return ended ? std::nullopt : std::optional(ended.error().code);
  };
  for (const std::string piece : {"text+1", "-text", "text<title", "length(text)", "upper(text)",
                                  "text=-text", "(text IN(1,title))", "(text BETWEEN 1 AND 3)"}) {
    end("'x' IN (" + repeat(piece + ",", 40) + "1)");
    end("'x' IN (" + repeat(piece + ",", 2'000) + "1)");
    end(many(piece, 500));
    end(many(piece, 9'000));
  }
  end("CASE text " + repeat("WHEN seq THEN 1 ", 200) + "END");
  EXPECT_EQ(end("text LIKE '%" + repeat("0_", 1'500) + "1%'"), ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(end("text GLOB '*" + repeat("[0-9]", 700) + "1*'"), ErrorCode::kDeadlineExceeded);
}

TEST_F(SandboxAttackTest, ExpressionsThatBuildValuesAreShort) {
  expect_refused(fmt::format("(SELECT 'x' IN ({}1) FROM {})", repeat("b+1,", 2'000), kBig));
  expect_refused(fmt::format("1 IN ({}1)", repeat("\"hex\"(1),", 1'000)));
  expect_refused(fmt::format("1 IN ({}1)", repeat("title||title,", 1'000)));
}

TEST_F(SandboxAttackTest, MemoryIsBounded) {
  const std::string count = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) ";
  for (const std::string& expression : std::vector<std::string>{
           "(" + count + "SELECT x FROM c ORDER BY -x LIMIT 1) > 0",
           "(" + count + "SELECT x FROM c ORDER BY hex(zeroblob(5000)) LIMIT 1 OFFSET 1000000) > 0",
           "(" + count +
               "SELECT count(*) FROM (SELECT DISTINCT hex(zeroblob(5000)) || x FROM c)) > 0",
           "(" + count + "SELECT length(group_concat(x || hex(zeroblob(1000)))) FROM c) > 0",
           "(" + count + "SELECT json_array_length(json_group_array(x)) FROM c) > 0",
           "(WITH RECURSIVE c(x) AS (SELECT 'a' UNION ALL SELECT x || x FROM c) SELECT max(x) FROM "
           "c) "
           "> ''"}) {
    const auto error = end_of(expression);
    EXPECT_NE(error.code, ErrorCode::kInternal) << expression << ": " << error.detail;
    EXPECT_EQ(rows_of("id = 'd7'").size(), 1U);
  }
  const auto error = error_of(
      "(" + count + "SELECT count(*) FROM (SELECT DISTINCT hex(zeroblob(100000)) || x FROM c)) > 0",
      60'000);
  EXPECT_EQ(error.code, ErrorCode::kOverloaded) << error.detail;
}

TEST_F(SandboxAttackTest, ADeadlineKeepsTheSnapshotButMemoryEndsIt) {
  const std::string count = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) ";
  database_.execute("BEGIN");
  expect_stopped("(" + count + "SELECT count(x) FROM c) > 0");
  EXPECT_TRUE(database_.in_transaction());
  const auto error = error_of(
      "(" + count + "SELECT count(*) FROM (SELECT DISTINCT hex(zeroblob(100000)) || x FROM c)) > 0",
      60'000);
  EXPECT_EQ(error.code, ErrorCode::kOverloaded) << error.detail;
  EXPECT_FALSE(database_.in_transaction()) << "who holds a snapshot has to notice";
  EXPECT_EQ(rows_of("id = 'd7'").size(), 1U);
}

TEST_F(SandboxAttackTest, DoublingByFlattenedSubqueriesIsStopped) {
  // Flattening copies an expression for every mention of its name: 2^30 copies, while preparing.
  for (const int levels : {8, 14, 20, 30, 100}) {
    std::string nested = "SELECT seq AS a";
    std::string chain = "WITH c0(a) AS (SELECT 1)";
    for (int level = 1; level <= levels; ++level) {
      nested = "SELECT a+a AS a FROM (" + nested + ")";
      chain += fmt::format(", c{}(a) AS (SELECT a+a FROM c{})", level, level - 1);
    }
    end_of("(" + nested + ") > 0", 50);
    end_of(fmt::format("({} SELECT a FROM c{}) > 0", chain, levels), 50);
    EXPECT_EQ(rows_of("id = 'd7'").size(), 1U);
  }
}

TEST_F(SandboxAttackTest, WidePlansEndInTime) {
  // Planning a join of many tables and expanding many conditions happen before the first step.
  std::string join = "SELECT 1 FROM json_each('[1]') j0";
  for (int i = 1; i < 60; ++i) join += fmt::format(", json_each('[1]') j{}", i);
  end_of("EXISTS (" + join + " WHERE j0.value < j59.value)", 50);
  std::string cross = "(SELECT count(j0.value) FROM json_each('[1,2,3,4,5,6,7,8,9]') j0";
  for (int i = 1; i < 30; ++i) cross += fmt::format(", json_each('[1,2,3,4,5,6,7,8,9]') j{}", i);
  end_of(cross + ") > 0", 50);
  const auto ors = repeat("id='a' OR ", 99) + "seq=1";
  std::string groups = "(" + ors + ")";
  for (int i = 0; i < 50; ++i) groups += " AND (" + ors + ")";
  end_of(groups, 50);
  end_of("id IN (" + repeat("'abc',", 10'000) + "'d7')", 5'000);
}

TEST_F(SandboxAttackTest, APassedDeadlineStopsEverything) {
  EXPECT_EQ(error_of("text LIKE '%w1%'", -1).code, ErrorCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace mosaic::storage
