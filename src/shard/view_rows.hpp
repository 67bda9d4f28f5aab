// A view's rows as filters want to see them.
#pragma once

#include "query/row_source.hpp"
#include "shard/shard_view.hpp"

namespace mosaic::shard {

class ViewRows final : public query::RowSource {
 public:
  ViewRows(const ShardView& view, storage::ShardReader& reader)
      : view_(view), reader_(reader), last_row_(reader.last_row()) {}

  Row last_row() const override { return last_row_; }
  bool is_indexed(std::string_view path) const override;
  void find_indexed(std::string_view path, IndexTest test, const JsonScalar& value, Row after,
                    RowSet& out) override;
  void find_between(std::string_view path, const IndexEnd& low, const IndexEnd& high, Row after,
                    RowSet& out) override;
  void scan(Row after, query::FieldsNeeded fields, const query::RowVisit& visit) override;
  void visit(const RowSet& rows, query::FieldsNeeded fields, const query::RowVisit& visit) override;

 private:
  const ShardView& view_;
  storage::ShardReader& reader_;
  const Row last_row_;
};

}  // namespace mosaic::shard
