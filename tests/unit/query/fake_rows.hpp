// A RowSource in memory: the documents of a test, an index on some paths that answers by brute
// force, and counts of what was asked.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "naive_filter.hpp"
#include "query/row_source.hpp"

namespace mosaic::query {

class FakeRows : public RowSource {
 public:
  /// Adds a row with the next number; see naive::matches() for the form.
  void add(naive::Json document) {
    metadata_.push_back(document.contains("metadata") ? document["metadata"].dump() : "");
    documents_.push_back(std::move(document));
  }

  void add_metadata(const std::string& json) {
    add({{"$id", "d"}, {"metadata", naive::Json::parse(json)}});
  }

  std::set<std::string, std::less<>> indexed;
  Row last = -1;  ///< an older view ends here; -1 shows every row
  std::size_t lookups = 0;
  std::size_t scans = 0;
  std::size_t visited = 0;  ///< rows handed out, by scan or one by one

  Row last_row() const override { return last < 0 ? static_cast<Row>(documents_.size()) : last; }

  bool is_indexed(std::string_view path) const override { return indexed.contains(path); }

  void find_indexed(std::string_view path, IndexTest test, const JsonScalar& value, Row after,
                    RowSet& out) override {
    ++lookups;
    for (Row row = after + 1; row <= last_row(); ++row) {
      const auto field = as_indexed(naive::find(document(row), std::string(path)));
      if (passes(field, test, value)) out.insert(row);
    }
  }

  void find_between(std::string_view path, const IndexEnd& low, const IndexEnd& high, Row after,
                    RowSet& out) override {
    ++lookups;
    for (Row row = after + 1; row <= last_row(); ++row) {
      const auto field = as_indexed(naive::find(document(row), std::string(path)));
      if (passes(field, low.test, low.value) && passes(field, high.test, high.value)) {
        out.insert(row);
      }
    }
  }

  void scan(Row after, FieldsNeeded fields, const RowVisit& visit_row) override {
    ++scans;
    for (Row row = after + 1; row <= last_row(); ++row) {
      if (!hand_out(row, fields, visit_row)) return;
    }
  }

  void visit(const RowSet& rows, FieldsNeeded fields, const RowVisit& visit_row) override {
    bool goes_on = true;
    rows.for_each_in(1, last_row(),
                     [&](Row row) { goes_on = goes_on && hand_out(row, fields, visit_row); });
  }

  const naive::Json& document(Row row) const {
    return documents_[static_cast<std::size_t>(row - 1)];
  }

 private:
  /// An index knows int64 and double only.
  static naive::Json as_indexed(naive::Json field) {
    if (field.is_number_unsigned() && field.get<std::uint64_t>() > INT64_MAX) {
      return static_cast<double>(field.get<std::uint64_t>());
    }
    return field;
  }

  static bool passes(const naive::Json& field, IndexTest test, const JsonScalar& value) {
    const auto bound = std::visit([](const auto& v) { return naive::Json(v); }, value);
    switch (test) {
      case IndexTest::kEqual:
        return naive::equal(field, bound);
      case IndexTest::kLess:
        return naive::ordered("$lt", field, bound);
      case IndexTest::kLessOrEqual:
        return naive::ordered("$lte", field, bound);
      case IndexTest::kGreater:
        return naive::ordered("$gt", field, bound);
      case IndexTest::kGreaterOrEqual:
        return naive::ordered("$gte", field, bound);
      case IndexTest::kExists:
        return !field.is_null();
    }
    return false;
  }

  std::optional<std::string_view> own_field(Row row, const char* name, bool needed) const {
    const auto& fields = document(row);
    if (!needed || !fields.contains(name)) return std::nullopt;
    return fields[name].get_ref<const std::string&>();
  }

  bool hand_out(Row row, FieldsNeeded fields, const RowVisit& visit_row) {
    ++visited;
    const auto& metadata = metadata_[static_cast<std::size_t>(row - 1)];
    return visit_row(row, {.id = *own_field(row, "$id", true),
                           .title = own_field(row, "$title", fields.title),
                           .text = own_field(row, "$text", fields.text),
                           .metadata = fields.metadata ? std::string_view(metadata) : ""});
  }

  std::vector<naive::Json> documents_;
  std::vector<std::string> metadata_;
};

}  // namespace mosaic::query
