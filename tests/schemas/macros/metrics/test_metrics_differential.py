"""Metrics over random searches against scikit-learn, scipy and plain Python."""

import numpy as np
import pyarrow as pa
import pytest
from metric_lab import bare, hits, search, spectrum
from scipy import stats
from sklearn import metrics
from table_rows import put

PPM = 10.0
ANALYTES = [f"A{i:03d}" for i in range(100)]
FORMULAS = {a: f"F{i // 3}" for i, a in enumerate(ANALYTES)}
RUNS = {f"r{i}": dilution for i, dilution in enumerate([10.0, 10.0, 20.0, 40.0])}


class World:
    """One library searched with itself, its own contributors left out, by two made-up scores with many ties."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self.spectra = [
            {
                "id": i,
                "analyte": rng.choice(ANALYTES) if rng.random() < 0.9 else None,
                "contributor": str(rng.choice(["x", "y", "z"])),
                "hash": int(rng.integers(0, 250)),
                "mode": "positive" if rng.random() < 0.8 else "negative",
                "mz": 200.0 + float(rng.integers(0, 3)) * 0.0015,
                "run": str(rng.choice(list(RUNS))),
            }
            for i in range(300)
        ]
        self.hits = {name: dict(self.answers(rng)) for name in ("s", "t")}

    def in_reach(self, query):
        for other in self.spectra:
            if (
                other["mode"] == query["mode"]
                and abs(other["mz"] - query["mz"]) <= query["mz"] * PPM * 1e-6
                and other["contributor"] != query["contributor"]
                and other["hash"] != query["hash"]
            ):
                yield other["analyte"]

    def answers(self, rng):
        for query in self.spectra:
            candidates = sorted({a for a in self.in_reach(query) if a})
            ceiling = rng.random()
            scores = {a: round(float(ceiling * (0.7 * rng.random() + 0.3 * (a == query["analyte"]))), 2) for a in candidates}
            yield query["id"], sorted(scores.items(), key=lambda item: (-item[1], item[0]))

    def connection(self):
        con = bare()
        put(con, "searches", *(search(name, study="lib", left_out="contributor") for name in self.hits))
        put(con, "runs", *({"run_id": run, "sample_id": run} for run in RUNS))
        put(con, "samples", *({"sample_id": run, "dilution": dilution} for run, dilution in RUNS.items()))
        put(con, "analytes", *({"analyte_id": analyte, "formula": formula} for analyte, formula in FORMULAS.items()))
        spectra = [
            spectrum("lib", s["id"], s["analyte"], s["mz"], ion_mode=s["mode"], peaks_hash=s["hash"])
            | {"contributor": s["contributor"], "run_id": s["run"]}
            for s in self.spectra
        ]
        fill(con, "spectra", spectra)
        fill(
            con, "hits", [row for name in self.hits for i, ranked in self.hits[name].items() for row in hits(name, i, *ranked)]
        )
        return con

    def judged(self, name):
        """Known queries: (query, top analyte, its score, right, answerable, rank of truth)."""
        for query in self.spectra:
            if query["analyte"] is None:
                continue
            ranked = self.hits[name][query["id"]]
            names = [a for a, _ in ranked]
            top, score = ranked[0] if ranked else (None, None)
            rank = names.index(query["analyte"]) + 1 if query["analyte"] in names else None
            yield query, top, score, rank == 1, query["analyte"] in set(self.in_reach(query)), rank


def fill(con, table, rows):
    """Insert many rows at once; required columns that they leave out get the default of table_rows."""
    put(con, table, rows[0])
    con.execute(f"CREATE TEMP TABLE first_row AS FROM {table}")
    con.register("rows", pa.Table.from_pylist(rows[1:]))
    others = f"SELECT * EXCLUDE ({', '.join(rows[0])}) FROM first_row"
    con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM rows CROSS JOIN ({others})")
    con.execute("DROP TABLE first_row")
    con.unregister("rows")


@pytest.fixture(scope="module", params=[1, 2, 3])
def world(request):
    made = World(request.param)
    made.con = made.connection()
    return made


def f1_table(items, n_true):
    """For thresholds 0, .01, ..., 1 the counts of right and wrong items scoring at least that."""
    for i in range(101):
        at_least = [right for score, right in items if score >= i / 100 - 1e-9]
        tp, sp = sum(at_least), len(at_least) - sum(at_least)
        yield (
            i / 100,
            tp,
            sp,
            tp / (tp + sp) if tp + sp else None,
            2 * tp / (2 * tp + sp + (n_true - tp)) if n_true + sp else None,
        )


@pytest.mark.parametrize("k", [1, 2, 5])
def test_top_k_accuracy(world, k):
    judged = list(world.judged("s"))
    expected = (len(judged), sum(j[4] for j in judged), sum(j[5] is not None and j[5] <= k for j in judged))
    found = world.con.execute("SELECT n_queries, n_answerable, n_correct FROM top_k_accuracy('s', at_k := ?)", [k]).fetchall()
    assert found == [expected]
    assert expected[2] > 0


def test_top_k_accuracy_by_analyte(world):
    of_analyte = {}
    for query, _, _, right, answerable, _ in world.judged("s"):
        of_analyte.setdefault(query["analyte"], []).append((right, answerable))
    means = [np.mean(rows, axis=0) for rows in of_analyte.values()]
    found = world.con.sql("SELECT n_analytes, accuracy_of_all, best_possible FROM top_k_accuracy_by_analyte('s')").fetchall()
    assert found == [(len(of_analyte), pytest.approx(np.mean(means, axis=0)[0]), pytest.approx(np.mean(means, axis=0)[1]))]


def test_roc_against_scikit_learn(world):
    calls = [(right, np.float32(score)) for _, top, score, right, _, _ in world.judged("s") if top]
    right, score = np.array([c[0] for c in calls]), np.array([c[1] for c in calls])
    assert len(np.unique(score)) < len(score) / 3  # ties all over
    ((n_true, n_false, auc),) = world.con.sql("SELECT n_true, n_false, auc FROM roc_auc('s')").fetchall()
    assert (n_true, n_false) == (right.sum(), (~right).sum())
    assert auc == pytest.approx(metrics.roc_auc_score(right, score), rel=1e-12)
    fpr, tpr, thresholds = metrics.roc_curve(right, score, drop_intermediate=False)
    found = np.array(world.con.sql("SELECT fpr, tpr, threshold FROM roc_curve('s')").fetchall())
    np.testing.assert_allclose(found, np.stack([fpr, tpr, thresholds], axis=1))


def test_score_distribution_against_numpy(world):
    calls = [(right, score) for _, top, score, right, _, _ in world.judged("s") if top]
    edges = np.linspace(0, 1, 5)
    for wanted, column in ((True, "n_true"), (False, "n_false")):
        counts, _ = np.histogram([np.float32(score) for right, score in calls if right is wanted], edges)
        found = world.con.sql(f"SELECT {column} FROM score_distribution('s', bins := 4)").fetchall()
        assert [n for (n,) in found] == counts.tolist()


def test_query_thresholds_against_scikit_learn(world):
    judged = list(world.judged("s"))
    n_true = sum(j[4] for j in judged)
    rows = world.con.sql(
        "SELECT threshold, true_positives, false_positives, precision, f1 FROM threshold_sweep('s', unit := 'query')"
    ).fetchall()
    expected = list(f1_table([(j[2], j[3]) for j in judged if j[1]], n_true))
    assert rows == [pytest.approx(row) for row in expected]
    # scikit-learn's counts: unanswerable queries that are reported are negatives, answerable ones positives found or missed
    _, tp, sp, precision, f1 = expected[50]
    truth = [1] * n_true + [0] * sp
    called = [1] * tp + [0] * (n_true - tp) + [1] * sp
    assert (precision, f1) == pytest.approx((metrics.precision_score(truth, called), metrics.f1_score(truth, called)))


def expected_parts(world, name, part_of):
    """For each part: reported analytes with score and whether they are right, and how many could be found."""
    parts = {}
    of_library = {}
    for s in world.spectra:
        if s["analyte"]:
            of_library.setdefault(s["analyte"], set()).add(s["contributor"])
    for part in sorted({part_of(s) for s in world.spectra}):
        queries = [s for s in world.spectra if part_of(s) == part]
        told = {s["analyte"] for s in queries if s["analyte"]}
        asking = {s["contributor"] for s in queries}
        n_true = sum(len(of_library[a] | asking) > 1 for a in told)
        best = {}
        for s in queries:
            for analyte, score in world.hits[name][s["id"]][:1]:
                best[analyte] = max(best.get(analyte, 0.0), score)
        parts[part] = [(score, analyte in told) for analyte, score in best.items()], n_true
    return parts


@pytest.mark.parametrize("per", ["run", "dilution"])
def test_best_thresholds_and_welch_test_of_parts(world, per):
    part_of = {"run": lambda s: s["run"], "dilution": lambda s: format(RUNS[s["run"]], "g")}[per]
    precisions = {}
    for name in ("s", "t"):
        expected = []
        for part, (items, n_true) in expected_parts(world, name, part_of).items():
            table = list(f1_table(items, n_true))
            ranked = sorted((row for row in table if row[3] is not None), key=lambda row: (-row[4], -row[0]))
            precisions[name, part] = [row[3] for row in ranked[:60]]
            threshold, tp, sp, precision, f1 = ranked[0]
            expected.append((part, threshold, tp, sp, n_true, pytest.approx(precision), pytest.approx(f1)))
        found = world.con.execute(
            "SELECT part, threshold, true_positives, false_positives, n_true, precision, f1 FROM best_threshold(?, per := ?)",
            [name, per],
        ).fetchall()
        assert found == expected
    for part, t, df, p in world.con.execute(
        "SELECT part, t, df, p_greater FROM welch_test('s', 't', per := ?, top := 60)", [per]
    ).fetchall():
        a, b = precisions["s", part], precisions["t", part]
        assert np.ptp(a) + np.ptp(b) > 0.01
        expected = stats.ttest_ind(b, a, equal_var=False, alternative="greater")
        assert (t, df, p) == pytest.approx((expected.statistic, expected.df, expected.pvalue), rel=1e-7)


def test_overlap_of_right_queries(world):
    right = {name: {j[0]["id"] for j in world.judged(name) if j[3]} for name in ("s", "t")}
    expected = {
        (True, True): len(right["s"] & right["t"]),
        (True, False): len(right["s"] - right["t"]),
        (False, True): len(right["t"] - right["s"]),
    }
    found = world.con.sql("SELECT in_a, in_b, n FROM overlap('s', 't')").fetchall()
    assert {(a, b): n for a, b, n in found} == expected


def test_isomers(world):
    of_member = {}
    for name in ("s", "t"):
        for query, _, _, right, answerable, _ in world.judged(name):
            if answerable:
                of_member.setdefault((FORMULAS[query["analyte"]], query["analyte"]), {}).setdefault(name, []).append(right)
    groups = {}
    for (formula, analyte), found in of_member.items():
        groups.setdefault(formula, {})[analyte] = {name: np.mean(found[name]) for name in ("s", "t")}
    groups = {formula: members for formula, members in groups.items() if len(members) >= 2}
    members = [accuracy for group in groups.values() for accuracy in group.values()]
    rows = world.con.sql(
        "SELECT method, n_analytes, points, wins, n_groups, mean_accuracy, mean_group_accuracy, mean_spread "
        "FROM isomer_wins('s', 't')"
    ).fetchall()
    for method, n_analytes, points, wins, n_groups, mean, group_mean, spread in rows:
        other = "t" if method == "s" else "s"
        assert (n_analytes, n_groups) == (len(members), len(groups))
        assert points == sum(m[method] >= m[other] for m in members)
        assert wins == sum(m[method] > m[other] for m in members)
        assert mean == pytest.approx(np.mean([m[method] for m in members]))
        by_group = [[m[method] for m in group.values()] for group in groups.values()]
        assert group_mean == pytest.approx(np.mean([np.mean(g) for g in by_group]))
        assert spread == pytest.approx(np.mean([max(g) - min(g) for g in by_group]))
    assert len(rows) == 2
