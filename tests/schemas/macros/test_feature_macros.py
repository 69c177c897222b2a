"""Feature tables of MZmine and MS-DIAL, read by macros."""

import duckdb
import pytest

from spectradb import schemas

QUANT = """\
row ID,row m/z,row retention time,row ion mobility,row CCS,best ion,coffee_1.mzML Peak area,lemon_1.mzML Peak area,height,
12,195.0877,3.0,,153.4,"[M+H]+, a",1000.5,0,7,
13,132.1019,1.1,0.75,,,,250000,8,
"""
FULL = "id,mz,rt,datafile:a/b/coffee_1.mzML:area,datafile:lemon_1.raw:area,datafile:lemon_1.raw:height\n1,100.5,2,5,6,9\n"
ALIGNED = """\
\t\t\t\t\tClass\tdrink\tfruit\tNA\tNA
\t\t\t\t\tFile type\tSample\tSample\tNA\tNA
\t\t\t\t\tInjection order\t1\t2\tNA\tNA
\t\t\t\t\tBatch ID\t1\t1\tAverage\tStdev
Alignment ID\tAverage Rt(min)\tAverage Mz\tAverage CCS\tMetabolite name\tMS/MS spectrum\tcoffee_1\tlemon_1\tdrink\tdrink
0\t3.0\t195.0877\t153.4\tCaffeine\t138.0:100\t1000.5\t0\t1\t2
1\t1.1\t132.1019\t-1\tUnknown\t\t0\t250000\t1\t2
"""


@pytest.fixture(scope="module")
def con():
    con = duckdb.connect()
    for name in ("mzmine_features", "msdial_features"):
        con.execute(schemas.read(f"macros/features/{name}"))
    return con


def rows(con, macro, file, columns):
    return con.execute(f"SELECT {columns} FROM {macro}('{file}') ORDER BY feature_id, run").fetchall()


@pytest.mark.covers("macros/features/mzmine_features")
def test_mzmine_features_have_a_row_for_each_area(con, tmp_path):
    (tmp_path / "quant.csv").write_text(QUANT)
    columns = "feature_id, precursor_mz, retention_time_s, ion_mobility, ccs, file, run, area"
    assert rows(con, "mzmine_features", tmp_path / "quant.csv", columns) == [
        ("12", 195.0877, 180.0, None, 153.4, "coffee_1.mzML", "coffee_1", 1000.5),
        ("12", 195.0877, 180.0, None, 153.4, "lemon_1.mzML", "lemon_1", 0.0),
        ("13", 132.1019, 66.0, 0.75, None, "lemon_1.mzML", "lemon_1", 250000.0),
    ]
    (tmp_path / "full.csv").write_text(FULL)
    assert rows(con, "mzmine_features", tmp_path / "full.csv", columns) == [
        ("1", 100.5, 120.0, None, None, "a/b/coffee_1.mzML", "coffee_1", 5.0),
        ("1", 100.5, 120.0, None, None, "lemon_1.raw", "lemon_1", 6.0),
    ]


def test_an_area_that_is_no_number_is_refused(con, tmp_path):
    (tmp_path / "quant.csv").write_text("row ID,row m/z,row retention time,a.mzML Peak area\n1,100,1,much\n")
    with pytest.raises(duckdb.ConversionException, match="much"):
        rows(con, "mzmine_features", tmp_path / "quant.csv", "*")


@pytest.mark.covers("macros/features/msdial_features")
def test_msdial_features_are_those_of_files_and_not_of_averages(con, tmp_path):
    columns = "feature_id, precursor_mz, retention_time_s, ccs, name, run, area"
    for name, text in (("unix.txt", ALIGNED), ("windows.txt", ALIGNED.replace("\n", "\r\n"))):
        (tmp_path / name).write_bytes(text.encode())
        assert rows(con, "msdial_features", tmp_path / name, columns) == [
            ("0", 195.0877, 180.0, 153.4, "Caffeine", "coffee_1", 1000.5),
            ("0", 195.0877, 180.0, 153.4, "Caffeine", "lemon_1", 0.0),
            ("1", 132.1019, 66.0, None, None, "coffee_1", 0.0),
            ("1", 132.1019, 66.0, None, None, "lemon_1", 250000.0),
        ]


def test_features_join_the_spectra_of_the_mgf_beside_them(con, tmp_path, fresh_lab):
    (tmp_path / "quant.csv").write_text(QUANT)
    mgf = "BEGIN IONS\nFEATURE_ID=12\nSCANS=12\nPEPMASS=195.0877\nCHARGE=1+\n110.0713 20\n138.0662 100\nEND IONS\n"
    (tmp_path / "features.mgf").write_text(mgf)
    fresh_lab.import_study("st", tmp_path / "features.mgf")
    joined = "FROM mzmine_features($1) AS f JOIN spectra AS s USING (feature_id) ORDER BY run"
    assert fresh_lab.sql(f"SELECT s.native_id, f.run, f.area {joined}", [str(tmp_path / "quant.csv")]).fetchall() == [
        ("12", "coffee_1", 1000.5),
        ("12", "lemon_1", 0.0),
    ]
