#include "cli/import/record_reader.hpp"

#include <random>

#include "base/failure.hpp"
#include "cli/import/csv_parser.hpp"
#include "cli/import/csv_reader.hpp"
#include "cli/import/link_file.hpp"
#include "cli/usage_error.hpp"
#include "command_fixture.hpp"

namespace mosaic::cli {
namespace {

class RecordReaderTest : public CommandTest {
 protected:
  /// Every result as a line: JSON of documents, "!N: reason" of bad lines.
  std::vector<std::string> read(ImportFormat format, const std::string& path) {
    InputFile input(path);
    const auto reader = make_reader(format, input, running_);
    std::vector<std::string> out;
    for (;;) {
      const auto result = reader->next();
      if (const auto* record = std::get_if<Record>(&result)) {
        out.push_back(to_json(*record));
        EXPECT_EQ(record->place.find(path + ":"), 0U);
      } else if (const auto* bad = std::get_if<BadLine>(&result)) {
        out.push_back("!" + bad->place.substr(path.size() + 1) + ": " + bad->reason);
        if (bad->ends_file) return out;
      } else {
        return out;
      }
    }
  }
  std::vector<std::string> jsonl(const std::string& text) {
    return read(ImportFormat::kJsonl, file("in.jsonl", text));
  }
  std::vector<std::string> csv(const std::string& text) {
    return read(ImportFormat::kCsv, file("in.csv", text));
  }
  std::vector<std::string> fvecs(const std::string& bytes) {
    return read(ImportFormat::kFvecs, file("in.fvecs", bytes));
  }

  std::uint64_t running_ = 0;
};

using Lines = std::vector<std::string>;

std::string fvec(const std::vector<float>& values) {
  const auto dimension = static_cast<std::int32_t>(values.size());
  std::string out(reinterpret_cast<const char*>(&dimension), sizeof dimension);
  out.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  return out;
}

TEST_F(RecordReaderTest, JsonlSkipsBlankLinesMarksAndCarriageReturns) {
  EXPECT_EQ(jsonl("\xef\xbb\xbf{\"id\":\"a\"}\r\n\r\n  \n{\"id\":\"b\"}"),
            (Lines{R"({"id":"a"})", R"({"id":"b"})"}));
}

TEST_F(RecordReaderTest, JsonlNamesTheNumberOfABadLineAndGoesOn) {
  const auto lines = jsonl("{\"id\":\"a\"}\n\n{\"id\":}\n{\"id\":\"b\"}\n");
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1].find("!3: not valid JSON"), 0U);
  EXPECT_EQ(lines[2], R"({"id":"b"})");
}

TEST_F(RecordReaderTest, AnEmptyFileHasNoDocuments) {
  EXPECT_EQ(jsonl(""), Lines{});
}

TEST_F(RecordReaderTest, ALineThatIsTooLongIsNamedAndSkipped) {
  const auto fits = R"({"id":"a","text":")" + std::string(kLineBytesMax - 20, 'x') + "\"}";
  ASSERT_EQ(fits.size(), kLineBytesMax);
  const auto lines = jsonl(fits + "\nx" + fits + "\n{\"id\":\"b\"}\n");
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], fits);
  EXPECT_EQ(lines[1], "!2: the line is longer than 16777216 bytes");
  EXPECT_EQ(lines[2], R"({"id":"b"})");
}

TEST_F(RecordReaderTest, CompressedFilesReadAlike) {
  EXPECT_EQ(read(ImportFormat::kJsonl, file("in.jsonl.gz", "{\"id\":\"a\"}\n")),
            Lines{R"({"id":"a"})"});
}

TEST_F(RecordReaderTest, ACompressedFileThatEndsTooEarlyIsAFailure) {
  std::string text;
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) text += R"({"id":")" + std::to_string(random()) + "\"}\n";
  const auto path = file("in.jsonl.gz", text);
  const auto bytes = content("in.jsonl.gz");
  std::ofstream(path, std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  try {
    read(ImportFormat::kJsonl, path);
    FAIL() << "a torn file passed for a whole one";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().detail,
              "cannot read '" + path + "': its compressed data ends too early");
  }
}

TEST_F(RecordReaderTest, ADamagedCompressedFileIsAFailure) {
  const auto path = file("in.jsonl.gz", "{\"id\":\"a\"}\n{\"id\":\"b\"}\n");
  auto bytes = content("in.jsonl.gz");
  bytes[bytes.size() - 6] ^= 1;  // In the checksum.
  std::ofstream(path, std::ios::binary) << bytes;
  EXPECT_THROW(read(ImportFormat::kJsonl, path), Failure);
}

TEST_F(RecordReaderTest, MissingFilesAndFoldersAreFailures) {
  EXPECT_THROW(InputFile("/no/such/file"), Failure);
  EXPECT_THROW(InputFile(folder_.path().string()), Failure);
}

TEST_F(RecordReaderTest, CsvColumnsBecomeFieldsAndMetadata) {
  EXPECT_EQ(
      csv("id,title,section,text,size\na,T,net,some text,10\nb,,,,\n"),
      (Lines{R"({"id":"a","title":"T","text":"some text","metadata":{"section":"net","size":10}})",
             R"({"id":"b"})"}));
}

TEST_F(RecordReaderTest, CsvQuotedFieldsHoldCommasQuotesAndLineBreaks) {
  EXPECT_EQ(csv("id,text\r\na,\"x, \"\"y\"\"\r\nz\"\r\n\"b\",\"\"\r\n\"c\",plain \"quote\"\n"),
            (Lines{R"({"id":"a","text":"x, \"y\"\r\nz"})", R"({"id":"b"})",
                   R"({"id":"c","text":"plain \"quote\""})"}));
}

TEST_F(RecordReaderTest, CsvCountsLinesNotRows) {
  EXPECT_EQ(csv("id,text\na,\"1\n2\n3\"\n\n,x\n").back(), "!6: id is empty");
}

TEST_F(RecordReaderTest, CsvReadsAMarkAndNeedsNoLastLineBreak) {
  EXPECT_EQ(csv("\xef\xbb\xbfid,n\na,1"), Lines{R"({"id":"a","metadata":{"n":1}})"});
}

TEST_F(RecordReaderTest, CsvNamesBadRowsAndGoesOn) {
  const auto lines = csv("id,text\na\nb,\"x\"y,z\nc,\xff\nd,1,2\ne,ok\n");
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0], "!2: the row has 1 fields, the header 2");
  EXPECT_EQ(lines[1], "!3: a quoted field goes on behind its closing quote");
  EXPECT_EQ(lines[2], "!4: 'text' is not valid UTF-8");
  EXPECT_EQ(lines[3], "!5: the row has 3 fields, the header 2");
  EXPECT_EQ(lines[4], R"({"id":"e","text":"ok"})");
}

TEST_F(RecordReaderTest, CsvNamesAQuoteThatIsNeverClosed) {
  EXPECT_EQ(csv("id,text\na,x\nb,\"y\nz\n").back(), "!3: a quoted field is never closed");
}

TEST_F(RecordReaderTest, CsvNeedsAGoodHeader) {
  EXPECT_EQ(csv(""), Lines{"!1: the file is empty; a header with a column 'id' is needed"});
  EXPECT_EQ(csv("name,text\n"), Lines{"!1: there is no column 'id'"});
  EXPECT_EQ(csv("id,a,a\n"), Lines{"!1: there are two columns 'a'"});
  EXPECT_EQ(csv("id,,a\n"), Lines{"!1: column 2 has no name"});
}

TEST_F(RecordReaderTest, CsvRowsSurviveARoundTrip) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const std::string alphabet = "a,\"\n\r x";
    std::vector<Lines> rows(1 + random() % 5, Lines(2 + random() % 3));
    std::string text;
    for (auto& row : rows) {
      for (auto& field : row) {
        for (auto n = random() % 6; n > 0; --n) field += alphabet[random() % alphabet.size()];
        text += &field == &row.front() ? "\"" : ",\"";
        for (const char c : field) text += c == '"' ? "\"\"" : std::string(1, c);
        text += '"';
      }
      text += random() % 2 == 0 ? "\n" : "\r\n";
    }
    InputFile input(file("round.csv", text));
    CsvParser parser(input);
    CsvRow row;
    for (const auto& expected : rows) {
      ASSERT_TRUE(parser.next(row)) << "seed " << seed;
      ASSERT_EQ(row.fields, expected) << "seed " << seed;
    }
    ASSERT_FALSE(parser.next(row)) << "seed " << seed;
  }
}

TEST(PlainNumber, IsOneThatReadsBackIdentically) {
  for (const std::string yes : {"0", "-1", "12", "1.5", "-0.25", "1e+20", "9223372036854775807"}) {
    EXPECT_TRUE(is_plain_number(yes)) << yes;
  }
  for (const std::string no : {"", "007", "1.50", "+1", " 1", "1 ", ".5", "1.", "1e5", "inf", "nan",
                               "NaN", "0x10", "9223372036854775809", "1,5", "-"}) {
    EXPECT_FALSE(is_plain_number(no)) << no;
  }
}

TEST_F(RecordReaderTest, FvecsNumbersItsVectorsOnOverFiles) {
  EXPECT_EQ(fvecs(fvec({1, 0.1F}) + fvec({-2, 3})),
            (Lines{R"({"id":"0","vector":[1,0.1]})", R"({"id":"1","vector":[-2,3]})"}));
  EXPECT_EQ(fvecs(fvec({5})), Lines{R"({"id":"2","vector":[5]})"});
}

TEST_F(RecordReaderTest, FvecsNamesWhatIsNoVector) {
  EXPECT_EQ(fvecs(fvec({1, 2}) + fvec({3, 4}).substr(0, 9)).back(),
            "!2: the file ends within the vector");
  EXPECT_EQ(fvecs(fvec({1}) + "ab").back(), "!2: the file ends within the vector");
  EXPECT_EQ(fvecs(std::string(8, '\xff')).back(), "!1: dimension -1 is not one from 1 to 65536");
  EXPECT_EQ(fvecs(std::string(8, '\0')).back(), "!1: dimension 0 is not one from 1 to 65536");
}

TEST_F(RecordReaderTest, FvecsLeavesOutVectorsThatAreNotFinite) {
  const auto lines = fvecs(fvec({1, INFINITY}) + fvec({2, 3}));
  EXPECT_EQ(lines,
            (Lines{"!1: vector[1] is inf, not a finite number", R"({"id":"1","vector":[2,3]})"}));
}

TEST(ImportFormatOf, IsTheWordElseTheEnding) {
  EXPECT_EQ(import_format("", "a/b.jsonl"), ImportFormat::kJsonl);
  EXPECT_EQ(import_format("", "b.ndjson.gz"), ImportFormat::kJsonl);
  EXPECT_EQ(import_format("", "b.csv.gz"), ImportFormat::kCsv);
  EXPECT_EQ(import_format("", "b.fvecs"), ImportFormat::kFvecs);
  EXPECT_EQ(import_format("csv", "b.jsonl"), ImportFormat::kCsv);
  EXPECT_EQ(import_format("", "-"), ImportFormat::kJsonl);
  EXPECT_EQ(import_format("csv", "-"), ImportFormat::kCsv);
}

TEST(ImportFormatOf, RefusesWhatThisVersionDoesNotRead) {
  for (const std::string path : {"a.npy", "a.parquet", "a.txt", "a", ".gz"}) {
    EXPECT_THROW(import_format("", path), UsageError) << path;
  }
  EXPECT_THROW(import_format("npy", "a.jsonl"), UsageError);
}

TEST(ParseEdge, ReadsTwoToFourColumns) {
  EXPECT_EQ(parse_edge("a\tb")->second, (Link{"b", "", 1}));
  EXPECT_EQ(parse_edge("a\tb\tk")->second, (Link{"b", "k", 1}));
  EXPECT_EQ(parse_edge("a\tb\tk\t0.5")->second, (Link{"b", "k", 0.5}));
  for (const std::string bad :
       {"", "a", "a\t", "\tb", "a b", "a\tb\tk\tx", "a\tb\tk\tnan", "a\tb\tk\t1\t2", "a\t\xff"}) {
    EXPECT_FALSE(parse_edge(bad).ok()) << bad;
  }
}

TEST_F(RecordReaderTest, LinkFilesAreMergedAndWhatIsLeftOverIsCounted) {
  LinkFile links;
  links.read(file("links.tsv.gz", "a\tb\tk\r\na\tc\n\nz\ta\nz\tb\n"),
             [](const BadLine& bad) { FAIL() << bad.place; });
  EXPECT_EQ(links.unmatched(), 4U);
  for (int again = 0; again < 2; ++again) {
    Record record{"", "a", "", 0, {{"b", "", 1}}};
    links.add_to(record);
    EXPECT_EQ(record.links, (std::vector<Link>{{"b", "k", 1}, {"c", "", 1}}));
    EXPECT_EQ(links.unmatched(), 2U);
  }
}

TEST_F(RecordReaderTest, BadLinesOfALinkFileAreNamed) {
  LinkFile links;
  Lines bad;
  const auto path = file("links.tsv", "a\tb\nnonsense\n");
  links.read(path, [&](const BadLine& line) { bad.push_back(line.place); });
  EXPECT_EQ(bad, Lines{path + ":2"});
}

}  // namespace
}  // namespace mosaic::cli
