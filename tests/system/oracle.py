"""What search must answer, computed by brute force: metrics, filters, SQL expressions, random questions.

Nothing here is shared with the product: filters are evaluated on Python values, `where` by Python's own
SQLite on a table in memory.
"""

import json
import math
import sqlite3

ORDER = {"$gt": lambda a, b: a > b, "$gte": lambda a, b: a >= b,
         "$lt": lambda a, b: a < b, "$lte": lambda a, b: a <= b}
WORDS = ("red", "green", "blue", "greenish", "", "Ünïcode")


def distance(metric, a, b):
    if metric == "l2":
        return math.sqrt(sum((x - y) ** 2 for x, y in zip(a, b)))
    if metric == "l1":
        return sum(abs(x - y) for x, y in zip(a, b))
    dot = sum(x * y for x, y in zip(a, b))
    if metric == "dot":
        return -dot
    return 1 - dot / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def score(metric, far):
    if metric in ("l2", "l1"):
        return 1 / (1 + far)
    return 1 - far if metric == "cosine" else -far


def kind(value):
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value)


def equal(a, b):
    """Equality within one JSON type: 1 is 1.0, but neither true nor "1"."""
    if kind(a) != kind(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    return a == b


def field(document, path):
    if path.startswith("$"):
        return document.get(path[1:])
    value = document.get("metadata")
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def holds(value, operator, operand):
    if operator == "$not":
        return not all(holds(value, inner, given) for inner, given in operand.items())
    if operator in ("$ne", "$nin"):
        return not holds(value, "$eq" if operator == "$ne" else "$in", operand)
    if operator == "$exists":
        return (value is not None) == operand
    if value is None:
        return False
    if operator == "$eq":
        return equal(value, operand)
    if operator == "$in":
        return any(equal(value, item) for item in operand)
    if operator == "$contains":
        if isinstance(value, list):
            return any(equal(item, operand) for item in value)
        return isinstance(value, str) and isinstance(operand, str) and operand in value
    if kind(value) != kind(operand):
        return False
    if isinstance(value, str):
        value, operand = value.encode(), operand.encode()
    return ORDER[operator](value, operand)


def matches(document, condition):
    for path, test in condition.items():
        if path in ("$and", "$or"):
            found = (all if path == "$and" else any)(matches(document, part) for part in test)
        elif path == "$not":
            found = not matches(document, test)
        else:
            operators = test if isinstance(test, dict) and test else {"$eq": test}
            found = all(holds(field(document, path), *pair) for pair in operators.items())
        if not found:
            return False
    return True


def random_value(random):
    return random.choice([random.randint(-2, 4), random.randint(-4, 8) / 2, random.choice(WORDS),
                          random.random() < 0.5])


def random_metadata(random):
    made = {}
    for key in ("a", "b", "c"):
        if random.random() < 0.8:
            made[key] = None if random.random() < 0.1 else random_value(random)
    if random.random() < 0.7:
        made["tags"] = [random_value(random) for _ in range(random.randint(0, 3))]
    if random.random() < 0.7:
        made["deep"] = {"a": random_value(random), "er": {"n": random.randint(0, 5)}}
    return made


def random_test(random, depth=0):
    operator = random.choice(["", "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists",
                              "$contains", "$not", "array", "range"])
    if operator == "":
        return random_value(random)
    if operator == "array":
        return [random_value(random) for _ in range(random.randint(0, 1))]
    if operator == "range":
        return {"$gte": random.randint(-2, 2), "$lt": random.randint(0, 5)}
    if operator == "$not":
        inner = random_test(random, depth + 1) if depth < 2 else 1
        return {"$not": inner if isinstance(inner, dict) else {"$eq": inner}}
    if operator in ("$in", "$nin"):
        return {operator: [random_value(random) for _ in range(random.randint(0, 4))]}
    if operator == "$exists":
        return {operator: random.random() < 0.5}
    if operator in ORDER:
        return {operator: random.choice([random.randint(-2, 4), 0.5, *WORDS])}
    return {operator: random_value(random)}


def random_filter(random, depth=0):
    form = random.random()
    if depth < 3 and form < 0.35:
        parts = [random_filter(random, depth + 1) for _ in range(random.randint(1, 3))]
        return {random.choice(["$and", "$or"]): parts}
    if depth < 3 and form < 0.45:
        return {"$not": random_filter(random, depth + 1)}
    paths = ["a", "b", "c", "tags", "deep.a", "deep.er.n", "deep.er", "none", "a.b", "$id", "$title", "$text"]
    return {path: random_test(random) for path in random.sample(paths, random.randint(1, 2))}


def random_where(random):
    parts = ["metadata->>'a' > {n}", "metadata->>'$.deep.er.n' = {n}", "title = '{w}'", "text LIKE '%{w}%'",
             "id < 'd{n}2'", "length(text) > {n}", "title IS NULL", "metadata->>'b' IN ({n}, '{w}')",
             "EXISTS (SELECT 1 FROM json_each(metadata, '$.tags') WHERE value = '{w}')", "metadata IS NULL",
             "pagerank IS NULL AND seq > 0", "id GLOB 'd*{n}'", "coalesce(metadata->>'c', {n}) < 2"]
    chosen = [random.choice(parts).format(n=random.randint(0, 4), w=random.choice(WORDS))
              for _ in range(random.randint(1, 2))]
    negation = random.choice(["", "NOT "])
    return random.choice([" AND ", " OR "]).join(f"{negation}({part})" for part in chosen)


def ids_where(documents, expression):
    """The ids that an SQL expression lets through."""
    table = sqlite3.connect(":memory:")
    table.execute("CREATE TABLE documents(id, title, text, metadata, pagerank, seq)")
    rows = [(d["id"], d.get("title"), d.get("text"),
             None if d.get("metadata") is None else json.dumps(d["metadata"]), None, 1) for d in documents]
    table.executemany("INSERT INTO documents VALUES (?,?,?,?,?,?)", rows)
    found = {row[0] for row in table.execute(f"SELECT id FROM documents WHERE {expression}")}
    table.close()
    return found


def ranked(documents, metric, vector, condition, where, min_score):
    """Every hit as (id, score, distance), best first."""
    allowed = ids_where(documents, where) if where else None
    hits = []
    for document in documents:
        if not document.get("vector") or not matches(document, condition):
            continue
        if allowed is not None and document["id"] not in allowed:
            continue
        far = distance(metric, document["vector"], vector)
        if min_score is None or score(metric, far) >= min_score:
            hits.append((document["id"], score(metric, far), far))
    return sorted(hits, key=lambda hit: (-hit[1], hit[0]))
