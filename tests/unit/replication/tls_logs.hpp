// Logs of one cluster under TLS, found by the book of addresses.
#pragma once

#include "support/authority_folder.hpp"
#include "unit/replication/logs.hpp"

namespace mosaic::replication::test {

struct TlsLogs : Logs {
  mosaic::test::AuthorityFolder authority;

  void SetUp() override {
    book = std::make_shared<AddressBook>();
    for (NodeId id = 1; id <= 3; ++id)
      certificates[id] = authority.files_of("node-" + std::to_string(id));
  }
};

}  // namespace mosaic::replication::test
