"""Time travel over HTTP: a state is answered as it was, by seq and by time, until it is purged."""

import datetime
import json
import unittest
from urllib.parse import quote

from node import Collection, SystemTest, poll, seeded

DOCUMENTS = 40
ROUNDS = 12
PURGE_LIMIT_S = 30


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")


class TimeTravel(SystemTest):
    def setUp(self):
        super().setUp()
        self.random = seeded(self.id())
        self.node = self.start_node("--history.purge_interval_s", "1")
        self.docs = Collection(self.node, "docs")

    def write_randomly(self):
        keys = self.random.sample(range(DOCUMENTS), 8)
        made = [{"id": f"d{key}", "text": self.random.choice(["apple pie", "stone wall", "apple wall"]),
                 "vector": [self.random.randint(-3, 3), self.random.randint(1, 3)],
                 "metadata": {"size": self.random.randint(0, 9)},
                 "links": [f"d{self.random.randrange(DOCUMENTS)}"]} for key in keys[:6]]
        self.docs.upsert(made)
        self.docs.delete(ids=[f"d{key}" for key in keys[6:]])
        return self.docs.info()["seq"]

    def answers(self, as_of=None):
        """Everything that can be asked of one state, but what may change: times and text scores."""
        body = {} if as_of is None else {"as_of": as_of}
        query = "" if as_of is None else "&as_of=" + quote(str(as_of))
        found = {"pages": [], "documents": {}}
        cursor = ""
        while True:
            page = self.node.get("/api/v1/collections/docs/documents?limit=7&include=vector,links" + query +
                                 (f"&cursor={cursor}" if cursor else "")).json()
            found["pages"] += page["documents"]
            cursor = page.get("next_cursor")
            if not cursor:
                break
        found["ids"] = self.node.get("/api/v1/collections/docs/ids?limit=1000" + query).json()["ids"]
        for key in range(0, DOCUMENTS, 9):
            answer = self.node.get(f"/api/v1/collections/docs/documents/d{key}?include=vector" + query)
            found["documents"][key] = [answer.status, answer.json() if answer.status == 200 else None]
        for name, search in {
            "exact": {"vector": [1, 2], "exact": True, "k": 9},
            "filter": {"vector": [1, 2], "exact": True, "filter": {"size": {"$gt": 4}}},
            "where": {"vector": [1, 2], "exact": True, "where": "metadata->>'size' < 6 AND seq % 2 = 0"},
        }.items():
            found[name] = self.docs.search(**search, **body)["hits"]
        text = self.docs.search(query="apple", mode="text", k=1000, **body)["hits"]
        found["text"] = sorted(hit["id"] for hit in text)
        return json.loads(json.dumps(found))

    def test_every_state_is_answered_as_it_was_by_seq_and_by_time(self):
        self.docs.make(dimension=2, embedder="none", shards=3, metric="l2", retention_s=3600)
        states = []
        for _ in range(ROUNDS):
            seq = self.write_randomly()
            states.append((seq, now(), self.answers()))
            poll(lambda: now() > states[-1][1], 5, "a millisecond has passed")
        self.node.terminate()
        self.node.start()
        for seq, time, then in states:
            self.assertEqual(self.answers(seq), then, f"seq {seq}")
            self.assertEqual(self.answers(time), then, f"time {time}")
        self.assertEqual(self.docs.search(vector=[1, 2], as_of=states[2][0])["seq"], states[2][0])
        batch = self.docs.call("POST", "/search/batch", {"searches": [
            {"vector": [1, 2], "exact": True, "k": 9, "as_of": states[3][0]}]})
        self.assertEqual(batch["results"][0]["hits"], states[3][2]["exact"])
        exported = self.node.get(f"/api/v1/collections/docs/export?as_of={states[4][0]}").body
        self.assertEqual([json.loads(line)["id"] for line in exported.splitlines()], states[4][2]["ids"])
        self.assertEqual(self.answers("2099-01-01T00:00:00Z"), states[-1][2])

    def test_what_cannot_be_is_refused_by_name(self):
        self.docs.make(dimension=2, embedder="none", retention_s=3600)
        seq = self.write_randomly()
        newest = ("as_of", str(seq + 50), f"seq {seq}")
        url = "/api/v1/collections/docs/documents?as_of="
        self.assert_problem(self.node.get(url + str(seq + 50)), 400, "invalid_argument", *newest)
        self.assert_problem(self.node.get(url + "nothing"), 400, "invalid_argument", "as_of", "'nothing'")
        self.assert_problem(self.node.get(url), 400, "invalid_argument", "as_of")
        self.assert_problem(self.node.get(url + "0"), 404, "not_found", "seq 0", "oldest")
        self.assert_problem(self.node.get(url + "1999-01-01T00:00:00Z"), 404, "not_found", "oldest")
        for bad in (-1, 1.5, True, None, [], ""):
            answer = self.node.post("/api/v1/collections/docs/search", {"vector": [1, 2], "as_of": bad})
            self.assert_problem(answer, 400, "invalid_argument", "as_of")

    def test_retention_purges_what_is_older_and_says_what_is_left(self):
        self.docs.make(dimension=2, embedder="none", shards=2, retention_s=1)
        first = self.docs.upsert([{"id": "a", "vector": [1, 1], "text": "one"}])["seq"]
        for text in ("two", "three"):
            self.docs.upsert([{"id": "a", "vector": [1, 2], "text": text}])
        url = f"/api/v1/collections/docs/documents?as_of={first}"
        poll(lambda: self.node.get(url).status == 404, PURGE_LIMIT_S, "the first state is purged")
        self.assert_problem(self.node.get(url), 404, "not_found", f"seq {first}", "oldest")
        newest = self.docs.info()["seq"]
        self.assertEqual(self.answers(newest), self.answers())


if __name__ == "__main__":
    unittest.main()
